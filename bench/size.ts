/**
 * What the companion adds to an app's page: bundled, minified and compressed as apps do it, beside others. `node
 * bench/size.ts`; `--help` for options.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type Cell, finish } from './report/report.ts'
import { packageVersions } from './shared/machine.ts'
import { readOptions } from './shared/options.ts'
import { root } from './shared/processes.ts'
import { type Summary, summarize } from './shared/statistics.ts'
import { apps, OUR_ENTRY, OURS } from './size/apps.ts'
import { bundlers } from './size/bundlers.ts'

const options = readOptions()
const chosen = apps.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
const names = Object.keys(bundlers) as (keyof typeof bundlers)[]

/** As PROTOCOL and README tell apps to: simple-peer's built file needs nothing of Node's. */
const ALIASES = { [OUR_ENTRY]: `${root}src/peer/mod.ts` }

/** What the companion imports; the first would be the last to do without. */
const LIBRARIES = ['simple-peer/simplepeer.min.js', '@msgpack/msgpack', 'valibot']

const WHY =
  'what it is made of is below. simple-peer comes built with streams and buffers of Node in it, of which the companion uses ' +
  'nothing: a build of it without them would be the largest saving. Recordings could be loaded when one begins. Our own part ' +
  'is recovery, delivery, clocks and sources, and is more by itself than was thought the whole would be.'

interface Size {
  minified: number
  gzip: number
}

const folder = mkdtempSync(`${root}bench/packages/app-`)
const sizes = new Map<string, Record<string, Size>>()
/** Of ours, what the whole is smaller by without each library, and what is left without all, in kB. */
let parts: Cell[][] = []
try {
  for (const { name, code } of chosen) {
    const entry = `${folder}/${name.replace(/\W/g, '-')}.js`
    writeFileSync(entry, code)
    const found: Record<string, Size> = {}
    for (const bundler of names) {
      found[bundler] = await sizeOf(bundler, entry)
    }
    sizes.set(name, found)
    if (name === OURS) parts = await partsOf(entry)
  }
} finally {
  rmSync(folder, { recursive: true })
}

finish(
  {
    bench: 'size',
    title: 'Size of the companion in an app',
    versions: packageVersions([...names, 'simple-peer', ...chosen.flatMap((app) => app.package ?? [])]),
    method: [
      'For each there is a smallest program that connects, sends and hears; it is bundled for browsers with all that it imports, minified, and compressed by gzip at its best.',
      'kB are 1,000 bytes. Sizes are the same in each round, so there is one.',
    ],
    goals: names.map((bundler) => ({
      what: `The companion with simple-peer, by ${bundler}, gzip`,
      measured: kilobytes(OURS, bundler, 'gzip'),
      atMost: 45,
      unit: 'kB',
      why: WHY,
    })),
    tables: [
      {
        title: 'Size, kB',
        columns: ['', ...names.flatMap((bundler) => [`${bundler}, minified`, `${bundler}, gzip`])],
        rows: chosen.map(({ name }) => [
          name,
          ...names.flatMap((bundler) => [kilobytes(name, bundler, 'minified'), kilobytes(name, bundler, 'gzip')]),
        ]),
      },
      { title: 'What ours is made of, kB by esbuild, gzip', columns: ['', 'kB'], rows: parts },
    ],
    plots: [
      {
        kind: 'bars',
        name: 'size',
        title: 'What an app loads, gzip',
        label: 'kB, bundled by esbuild',
        bars: chosen.flatMap(({ name }) => {
          const value = kilobytes(name, 'esbuild', 'gzip')
          return value === undefined ? [] : [{ name, value, ours: name === OURS }]
        }),
      },
    ],
  },
  { ...options, rounds: 1 },
)

function kilobytes(name: string, bundler: string, figure: keyof Size): Summary | undefined {
  const size = sizes.get(name)?.[bundler]?.[figure]
  return size === undefined ? undefined : summarize([size / 1_000])
}

/** @throws Error where the bundler left out what it is about */
async function sizeOf(bundler: keyof typeof bundlers, entry: string, without: readonly string[] = []): Promise<Size> {
  const code = await bundlers[bundler]({ entry, aliases: ALIASES, without })
  if (code.length < 10_000) throw new Error(`${bundler} left out what ${entry} is about`)
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length }
}

async function partsOf(entry: string): Promise<Cell[][]> {
  const all = (await sizeOf('esbuild', entry)).gzip
  const left = async (without: readonly string[]): Promise<number> => (await sizeOf('esbuild', entry, without)).gzip
  const rows: Cell[][] = []
  for (const library of LIBRARIES) rows.push([library, summarize([(all - (await left([library]))) / 1_000])])
  return [...rows, ['our own', summarize([(await left(LIBRARIES)) / 1_000])]]
}
