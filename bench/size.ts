/**
 * What the companion adds to an app's page: bundled, minified and compressed as apps do it, beside others. `node
 * bench/size.ts`; `--help` for options.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { finish, type Table } from './report/report.ts'
import { packageVersions } from './shared/machine.ts'
import { readOptions } from './shared/options.ts'
import { root } from './shared/processes.ts'
import { type Summary, summarize } from './shared/statistics.ts'
import { apps, OUR_ENTRY, OURS } from './size/apps.ts'
import { type Bundle, bundlers } from './size/bundlers.ts'

const options = readOptions()
const chosen = apps.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
const names = Object.keys(bundlers) as (keyof typeof bundlers)[]

/** As PROTOCOL and README tell apps to: simple-peer's built file needs nothing of Node's. */
const ALIASES = { [OUR_ENTRY]: `${root}src/peer/mod.ts` }

/** Sizes are gzip's, each what the whole is smaller by without that part. */
const WHY =
  'simple-peer comes built with streams and buffers of Node in it, which are most of its 30 kB; @msgpack/msgpack is 5.5 kB, ' +
  'valibot 2 kB, and our own sources 38 kB, 3.5 kB of them for recordings, which could be loaded when one begins. A build ' +
  'of simple-peer without the streams, which the companion does not use, would save more than 20 kB.'

interface Size {
  minified: number
  gzip: number
}

const folder = mkdtempSync(`${root}bench/packages/app-`)
const sizes = new Map<string, Record<string, Size>>()
const parts = new Map<string, number>()
try {
  for (const { name, code } of chosen) {
    const entry = `${folder}/${name.replace(/\W/g, '-')}.js`
    writeFileSync(entry, code)
    const found: Record<string, Size> = {}
    for (const bundler of names) {
      const bundle = await bundlers[bundler](entry, ALIASES)
      if (bundle.code.length < 1_000) throw new Error(`${bundler} left out ${name}`)
      found[bundler] = { minified: bundle.code.length, gzip: gzipSync(bundle.code, { level: 9 }).length }
      if (name === OURS) addParts(bundle)
    }
    sizes.set(name, found)
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
      partsTable(),
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

/** By the library or the part of ours that they come from. */
function addParts({ inputs = {} }: Bundle): void {
  for (const [file, bytes] of Object.entries(inputs)) {
    const part = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? /src\/[^/]+/.exec(file)?.[0]
    if (part !== undefined) parts.set(part, (parts.get(part) ?? 0) + bytes)
  }
}

function partsTable(): Table {
  const sorted = [...parts].sort(([, one], [, other]) => other - one)
  return {
    title: 'What ours is made of: kB minified, by esbuild',
    columns: ['', 'kB'],
    rows: sorted.map(([part, bytes]) => [part, summarize([bytes / 1_000])]),
  }
}
