import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type BuildOptions, build, type Metafile } from 'esbuild'

/** What a bundle consists of. */
export interface Output {
  /** Texts by their path in `dist/`. */
  files: Record<string, string>
  /** Names of the packages that are part of it. */
  packages: string[]
}

/**
 * Bundles simple-peer from its sources. Small modules of ours replace its streams and buffers, of which the companion
 * uses next to nothing.
 */
const options = (root: string): BuildOptions & { write: false; metafile: true } => ({
  absWorkingDir: root,
  alias: {
    'simple-peer/simplepeer.min.js': 'simple-peer',
    ...Object.fromEntries(
      ['buffer', 'debug', 'randombytes', 'readable-stream'].map((name) => [
        name,
        `${root}src/peer/simple-peer/${name}.cts`,
      ]),
    ),
  },
  // A package of simple-peer's uses Node's name for the global object. Workers do not have it.
  define: { global: 'globalThis' },
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  charset: 'utf8',
  write: false,
  metafile: true,
})

/** The companion: one module without imports, for browsers and for bundlers, which make it smaller themselves. */
export async function bundleCompanion(root: string): Promise<Output> {
  const { outputFiles, metafile } = await build({
    ...options(root),
    entryPoints: { peer: 'src/peer/mod.ts' },
    sourcemap: 'linked',
    outdir: 'dist',
  })
  const files = outputFiles.map(({ path, text }) => [basename(path), path.endsWith('.map') ? withoutOurs(text) : text])
  return { files: Object.fromEntries(files), packages: packagesOf(metafile) }
}

/** Removes our sources' texts from a source map. The package has these files. */
function withoutOurs(text: string): string {
  const map = JSON.parse(text) as { sources: string[]; sourcesContent: (string | null)[] }
  const sourcesContent = map.sources.map((path, i) => (path.startsWith('../src/') ? null : map.sourcesContent[i]))
  return JSON.stringify({ ...map, sourcesContent })
}

/**
 * The server's page, and the modules that other pages import from the server. They have the addresses that they have
 * without a build. `page.js` exports their texts.
 */
export async function bundlePage(root: string): Promise<Output> {
  const { outputFiles, metafile } = await build({
    ...options(root),
    entryPoints: ['src/studio/main.ts', 'src/peer/mod.ts', 'src/streams/mod.ts'],
    splitting: true,
    chunkNames: 'streams/shared-[hash]',
    outbase: 'src',
    outdir: 'page',
    outExtension: { '.js': '.ts' },
    minifyIdentifiers: true,
    minifySyntax: true,
  })
  const chunks = outputFiles.map(({ path, text }) => [path.replace(`${root}page/`, ''), text] as const)
  const files = {
    ...Object.fromEntries(
      ['page.html', 'page.css'].map((name) => [`studio/${name}`, readFileSync(`${root}src/studio/${name}`, 'utf8')]),
    ),
    'libraries/uplot.css': readFileSync(`${root}node_modules/uplot/dist/uPlot.min.css`, 'utf8'),
    ...Object.fromEntries(chunks),
  }
  // The server serves names in lower case only.
  const text = JSON.stringify(files, null, 2).replace(/\bshared-[A-Z0-9]{8}\b/g, (name) => name.toLowerCase())
  return { files: { 'page.js': `export const files = ${text}\n` }, packages: packagesOf(metafile) }
}

const packagesOf = ({ inputs }: Metafile): string[] =>
  Object.keys(inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
