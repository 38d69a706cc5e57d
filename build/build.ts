/** Writes the modules of the published package to `dist/`: `npm run build`. The repository runs without them. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { bundleCompanion, bundlePage, type Output } from './bundles.ts'
import { noticesOf } from './notices.ts'
import { pruneUnreachable, referToDisposables, rewriteModules } from './tidy.ts'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Modules that differ in the package, by their path in `dist/`. */
const REPLACED: Readonly<Record<string, string>> = {
  // Commands and plugins use the companion of `companion.js`, so that the package has it once.
  'src/peer/mod.js': "export * from '../../peer.js'\n",
  'src/peer/legacy/mod.js': "export * from '../../../legacy.js'\n",
  'src/peer/recording/mod.js': "export * from '../../../recording.js'\n",
  // The server reads no files, and removes no types.
  ...Object.fromEntries(
    ['bun', 'deno', 'node'].map((runtime) => [
      `src/server/runtime/files-${runtime}.js`,
      `import { builtPage } from '../page/built-page.js'

export const pageFiles = () => builtPage(() => import('../../../page.js'))
`,
    ]),
  ),
}

// Other programs may read `dist/` meanwhile. The new folder is beside it, because source maps have relative paths.
const folder = `${root}.dist-${process.pid}`
try {
  await buildIn(`${folder}/`)
  const [dist, old] = [`${root}dist`, `${folder}-old`]
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(folder, dist)
  rmSync(old, { recursive: true, force: true })
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function buildIn(dist: string): Promise<void> {
  const tsc = [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`, '--outDir', dist]
  execFileSync(process.execPath, [...tsc, '--pretty', 'false'], { stdio: 'inherit' })
  rewriteModules(dist)
  referToDisposables(dist)
  const [companion, page] = await Promise.all([bundleCompanion(root), bundlePage(root)])
  write(dist, { ...REPLACED, ...companion.files, ...page.files })
  write(dist, { 'THIRD-PARTY.txt': noticesOf(root, [...companion.packages, ...page.packages]) })
  pruneUnreachable(root, dist)
}

function write(dist: string, files: Output['files']): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(dist + path), { recursive: true })
    writeFileSync(dist + path, text)
    // The source map of a replaced module would be wrong.
    if (path in REPLACED) rmSync(`${dist}${path}.map`)
  }
}
