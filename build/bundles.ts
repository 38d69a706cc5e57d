import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import { SLIM_SIMPLE_PEER } from './simple-peer.ts'

/** What a bundle consists of. */
export interface Output {
  /** Texts by their path in `dist/`. */
  files: Record<string, string>
  /** Names of the packages that are part of it. */
  packages: string[]
}

/** Packages that simple-peer imports, of which the companion uses next to nothing. Small modules of ours replace them. */
export const STAND_INS: readonly string[] = [
  'buffer',
  'debug',
  'err-code',
  'get-browser-rtc',
  'queue-microtask',
  'randombytes',
  'readable-stream',
]

/** Bundles simple-peer from those of its sources that the companion uses. */
const options = (root: string): BuildOptions & { write: false; metafile: true; plugins: Plugin[] } => ({
  absWorkingDir: root,
  alias: {
    'simple-peer/simplepeer.min.js': 'simple-peer',
    ...Object.fromEntries(STAND_INS.map((name) => [name, `${root}src/peer/simple-peer/${name}.cts`])),
  },
  plugins: [SLIM_SIMPLE_PEER],
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  charset: 'utf8',
  write: false,
  metafile: true,
})

/** What apps import beside the companion. */
const BESIDE = ['legacy', 'recording']

/**
 * The companion: `companion.js`, a module without imports, for browsers and for bundlers, which make it smaller
 * themselves. The entries `peer.js`, `legacy.js` and `recording.js` import only that module, so that an app has the
 * companion once. `peer.js` exports the public names alone.
 */
export async function bundleCompanion(root: string): Promise<Output> {
  const bundle = async (name: string, entry: Pick<BuildOptions, 'stdin' | 'entryPoints'>, plugins: Plugin[] = []) => {
    const common = options(root)
    const { outputFiles, metafile } = await build({
      ...common,
      ...entry,
      plugins: [...common.plugins, ...plugins],
      sourcemap: 'linked',
      outfile: `dist/${name}.js`,
    })
    const files = outputFiles.map(({ path, text }) => [
      basename(path),
      path.endsWith('.map') ? withoutOurs(text) : text,
    ])
    return { files: Object.fromEntries(files), packages: packagesOf(metafile) }
  }
  const internal = `export * from './src/peer/mod.ts'\nexport * from './src/peer/internal/mod.ts'\n`
  const outputs = await Promise.all([
    bundle('companion', { stdin: { contents: internal, resolveDir: root, sourcefile: 'companion.js' } }),
    bundle('peer', { entryPoints: ['src/peer/mod.ts'] }, [fromCompanion(/^\.\.?\//)]),
    ...BESIDE.map((name) =>
      bundle(name, { entryPoints: [`src/peer/${name}/mod.ts`] }, [fromCompanion(/\/internal\/mod\.ts$/)]),
    ),
  ])
  return {
    files: Object.assign({}, ...outputs.map(({ files }) => files)),
    packages: outputs.flatMap(({ packages }) => packages),
  }
}

/** @param filter matches the imports that companion.js replaces */
const fromCompanion = (filter: RegExp): Plugin => ({
  name: 'import from companion.js',
  setup({ onResolve }) {
    const external = { path: './companion.js', external: true, sideEffects: false }
    onResolve({ filter }, ({ kind }) => (kind === 'entry-point' ? undefined : external))
  },
})

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
    entryPoints: [
      'src/studio/main.ts',
      'src/peer/mod.ts',
      ...BESIDE.map((name) => `src/peer/${name}/mod.ts`),
      'src/streams/mod.ts',
    ],
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

/** The packages that code of a bundle comes from. What was loaded and then dropped does not count. */
const packagesOf = ({ outputs }: Metafile): string[] =>
  Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
