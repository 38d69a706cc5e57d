/** Checks what an app loads with the companion: bundled, minified, and compressed with gzip at its best. */
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import t from 'tap'
import { apps, OURS, OURS_LEGACY, OURS_RECORDING } from '../../bench/size/apps.ts'
import { bundleCompanion } from '../../build/bundles.ts'
import { root } from '../fixture/server.ts'

const { files, packages } = await bundleCompanion(root)

/** Resolves the package's names to the modules that the build writes, without writing them. */
const fromPackage: Plugin = {
  name: 'the package',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^datastreams-webrtc\/|^\.\/companion\.js$/ }, ({ path }) => ({
      path: path.replace(/^.*\//, '').replace(/(\.js)?$/, '.js'),
      namespace: 'package',
      // As package.json says.
      sideEffects: false,
    }))
    onLoad({ filter: /./, namespace: 'package' }, ({ path }) => ({ contents: files[path] as string }))
  },
}

/** Bundles an app as its author would. Returns the bytes that a page loads, compressed. */
async function sizeOf(code: string): Promise<number> {
  const options: BuildOptions = { bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none' }
  const { outputFiles } = await build({ ...options, stdin: { contents: code }, plugins: [fromPackage], write: false })
  return gzipSync(outputFiles[0]?.contents as Uint8Array, { level: 9 }).length
}

/** Returns the size of one of the bench's apps. */
const sizeOfApp = (name: string): Promise<number> => sizeOf(apps.find((app) => app.name === name)?.code as string)
const usual = await sizeOfApp(OURS)

t.test('an app with the companion loads at most 45 kB', async (t) => {
  t.ok(usual > 30_000, `${usual} bytes: the companion is there`)
  t.ok(usual <= 45_000, `${usual} bytes`)
  const everything = await sizeOf("export * from 'datastreams-webrtc/peer'")
  t.ok(everything <= 45_500, `${everything} bytes with everything that the entry exports`)
})

t.test('clients before version 1 and recordings cost only apps that import them', async (t) => {
  const legacy = await sizeOfApp(OURS_LEGACY)
  t.ok(legacy > usual + 500 && legacy < usual + 2_000, `${legacy - usual} bytes more`)
  const recording = await sizeOfApp(OURS_RECORDING)
  t.ok(recording > usual + 1_000 && recording < usual + 5_000, `${recording - usual} bytes more`)
})

t.test('the companion is one module without imports, and contains no library but simple-peer', async (t) => {
  t.notMatch(files['companion.js'], /^import\b/m)
  for (const name of ['peer.js', 'legacy.js', 'recording.js']) {
    const imported = [...(files[name] as string).matchAll(/^(?:import\b.*|})\s*from "([^"]+)";$/gm)]
    t.strictSame([...new Set(imported.map(([, from]) => from))], ['./companion.js'], name)
  }
  t.strictSame([...new Set(packages)], ['simple-peer'])
})

t.test('the entries export the same names as their sources, so what only they share stays private', async (t) => {
  const folder = t.testdir({ 'package.json': '{ "type": "module" }', ...files })
  const sources = { 'peer.js': 'mod.ts', 'legacy.js': 'legacy/mod.ts', 'recording.js': 'recording/mod.ts' }
  for (const [name, source] of Object.entries(sources)) {
    const [built, written] = [await import(`${folder}/${name}`), await import(`${root}src/peer/${source}`)]
    t.strictSame(Object.keys(built), Object.keys(written), name)
  }
})
