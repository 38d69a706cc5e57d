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
import { type App, apps, OURS } from './size/apps.ts'
import { type Bundle, bundlers } from './size/bundlers.ts'
import { writeCompanion } from './size/companion.ts'
import { gzipped, type Part, partsOf } from './size/parts.ts'

const options = readOptions()
/** With `--quick` and without `--only`, ours alone. */
const only = options.quick && options.only.length === 0 ? [OURS] : options.only
const chosen = apps.filter(({ name }) => only.length === 0 || only.includes(name))
const names = Object.keys(bundlers) as (keyof typeof bundlers)[]

interface Size {
  minified: number
  gzip: number
}

const folder = mkdtempSync(`${root}bench/packages/app-`)
const aliases = await writeCompanion(`${folder}/companion`)
const sizes = new Map<string, Record<string, Size>>()
let parts: Part[] = []
try {
  for (const app of chosen) {
    const found: Record<string, Size> = {}
    for (const bundler of names) {
      const { code, map } = await bundle(bundler, app)
      found[bundler] = { minified: code.length, gzip: gzipped(code) }
      if (bundler === 'esbuild' && app.name === OURS) parts = partsOf(code, map)
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
      'Ours is the module of the package, which contains simple-peer. What is beside it is imported beside it.',
      'What ours is made of is known by the source map of the minified code. By gzip each part has the share of the whole that it has of the sum of all parts, each compressed by itself.',
      'kB are 1,000 bytes. Sizes are the same in each round, so there is one.',
    ],
    goals: names.map((bundler) => ({
      what: `What an app loads, by ${bundler}, gzip: ${OURS}`,
      measured: kilobytes(OURS, bundler, 'gzip'),
      atMost: 45,
      unit: 'kB',
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
      {
        title: 'What ours is made of, kB by esbuild',
        columns: ['', 'minified', 'gzip'],
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
async function bundle(bundler: keyof typeof bundlers, { name, code }: App): Promise<Bundle> {
  const entry = `${folder}/${name.replace(/\W/g, '-')}.js`
  writeFileSync(entry, code)
  const made = await bundlers[bundler]({ entry, aliases })
  if (made.code.length < 10_000) throw new Error(`${bundler} left out what ${name} is about`)
  return made
}

/** One row for each part of what an app loads. */
function partRows(): Cell[][] {
  return parts.map(({ name, minified, gzip }) => [name, summarize([minified / 1_000]), summarize([gzip / 1_000])])
}
