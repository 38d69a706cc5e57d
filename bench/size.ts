/**
 * Measures what the companion adds to an app's page: bundled, minified and compressed, as apps do it. Compares it with
 * other libraries. `node bench/size.ts`; `--help` for options.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { finish } from './report/report.ts'
import type { Cell } from './report/types.ts'
import { packageVersions } from './shared/machine.ts'
import { readOptions } from './shared/options.ts'
import { root } from './shared/processes.ts'
import { type Summary, summarize } from './shared/statistics.ts'
import { type App, apps, OURS, SMALL } from './size/apps.ts'
import { type Bundle, bundlers } from './size/bundlers.ts'
import { gzipped, type Part, partsOf } from './size/parts.ts'

const options = readOptions()
const chosen = apps.filter(({ name }) => options.only.length === 0 || options.only.includes(name))
const names = Object.keys(bundlers) as (keyof typeof bundlers)[]

const ways = [OURS, SMALL] as const

/** Why the goals are missed, from the parts below. */
const WHY = {
  [OURS]:
    "more than a third of it is simple-peer as it comes built, with Node's streams and buffers, of which the companion uses " +
    'events alone: from its sources it is a fifth of that, by five lines for the bundler that docs/getting-started.md shows.',
  [SMALL]:
    'three quarters of it are our own, and nearly all of that is what every session needs: rooms that outlive connections, ' +
    'links that recover, queues, clocks. To load recordings when one begins was tried: 2 kB less by Vite, nothing by ' +
    'esbuild, which splits by whole files, and where the network is gone none would begin. Below 45 kB comes only less of what ' +
    'the companion does, such as clients before version 1.',
}

interface Size {
  minified: number
  gzip: number
}

const folder = mkdtempSync(`${root}bench/packages/app-`)
const sizes = new Map<string, Record<string, Size>>()
const parts = new Map<string, Part[]>()
try {
  for (const app of chosen) {
    const found: Record<string, Size> = {}
    for (const bundler of names) {
      const { code, map } = await bundle(bundler, app)
      found[bundler] = { minified: code.length, gzip: gzipped(code) }
      if (bundler === 'esbuild' && app.package === undefined) parts.set(app.name, partsOf(code, map))
    }
    sizes.set(app.name, found)
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
      "simple-peer comes built. From its sources means that an app's bundler takes those, with small files of ours in the place of the streams and buffers that they import.",
      'What ours is made of is known by the source map of the minified code. By gzip each part has the share of the whole that it has of the sum of all parts, each compressed by itself.',
      'kB are 1,000 bytes. Sizes are the same in each round, so there is one.',
    ],
    goals: ways.flatMap((name) =>
      names.map((bundler) => ({
        what: `What an app loads, by ${bundler}, gzip: ${name}`,
        measured: kilobytes(name, bundler, 'gzip'),
        atMost: 45,
        unit: 'kB',
        why: WHY[name],
      })),
    ),
    tables: [
      {
        title: 'Size, kB',
        columns: ['', ...names.flatMap((bundler) => [`${bundler}, minified`, `${bundler}, gzip`])],
        rows: chosen.map(({ name }) => [
          name,
          ...names.flatMap((bundler) => [kilobytes(name, bundler, 'minified'), kilobytes(name, bundler, 'gzip')]),
        ]),
      },
      {
        title: 'What ours is made of, kB by esbuild',
        columns: ['', 'minified', 'gzip', 'from its sources, minified', 'from its sources, gzip'],
        rows: partRows(),
      },
    ],
    plots: [
      {
        kind: 'bars',
        name: 'size',
        title: 'What an app loads, gzip',
        label: 'kB, bundled by esbuild',
        bars: chosen.map(({ name }) => ({ name, value: kilobytes(name, 'esbuild', 'gzip'), ours: name === OURS })),
      },
    ],
  },
  { ...options, rounds: 1 },
)

function kilobytes(name: string, bundler: string, figure: keyof Size): Summary | undefined {
  const size = sizes.get(name)?.[bundler]?.[figure]
  return size === undefined ? undefined : summarize([size / 1_000])
}

/** @throws Error if the bundle is too small: the bundler has removed the library */
async function bundle(bundler: keyof typeof bundlers, { name, code, aliases }: App): Promise<Bundle> {
  const entry = `${folder}/${name.replace(/\W/g, '-')}.js`
  writeFileSync(entry, code)
  const made = await bundlers[bundler]({ entry, aliases })
  if (made.code.length < 10_000) throw new Error(`${bundler} left out what ${name} is about`)
  return made
}

/** One row for each part that one of our two bundles contains. */
function partRows(): Cell[][] {
  const known = new Set([...parts.values()].flat().map(({ name }) => name))
  return [...known].map((name) => [
    name,
    ...ways.flatMap((app) => {
      const part = parts.get(app)?.find((part) => part.name === name)
      return [part && summarize([part.minified / 1_000]), part && summarize([part.gzip / 1_000])]
    }),
  ])
}
