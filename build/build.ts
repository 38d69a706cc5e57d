/** Writes the modules of the published package to `dist/`: `npm run build`. The repository runs without them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleCompanion, bundlePage, type Output } from './bundles.ts'
import { noticesOf } from './notices.ts'
import { pruneUnreachable, referToDisposables, rewriteModules } from './tidy.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const dist = `${root}dist/`

/** Modules that differ in the package, by their path in `dist/`. */
const REPLACED: Readonly<Record<string, string>> = {
  // Commands and plugins use the companion of `peer.js`, so that the package has it once.
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

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}tsconfig.build.json`], {
  stdio: 'inherit',
})
rewriteModules(root)
referToDisposables(root)
const [companion, page] = await Promise.all([bundleCompanion(root), bundlePage(root)])
write({ ...REPLACED, ...companion.files, ...page.files })
write({ 'THIRD-PARTY.txt': noticesOf(root, [...companion.packages, ...page.packages]) })
pruneUnreachable(root)

function write(files: Output['files']): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(dist + path), { recursive: true })
    writeFileSync(dist + path, text)
    // The source map of a replaced module would be wrong.
    if (path in REPLACED) rmSync(`${dist}${path}.map`)
  }
}
