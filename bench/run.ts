/**
 * Runs all benches one after the other, and writes RESULTS.md from their results: `npm run bench` or `bun run bench`;
 * `--help` for options.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeMarkdown } from './report/markdown.ts'
import { drawPlot } from './report/plots.ts'
import type { Report } from './report/types.ts'
import { orUsage } from './shared/options.ts'
import { root, runtimes } from './shared/processes.ts'

/** The benches, in the order of RESULTS.md. */
const BENCHES = ['codec', 'relay', 'connections', 'hostile', 'size', 'channels', 'connect']

const USAGE = `Options:
  --bench NAME   this one alone, of ${BENCHES.join(', ')}; repeatable
  --quick        as little as shows that all run and give right results; nothing is kept but for --out
  --out FOLDER   where RESULTS.md goes, and results/ with figures and plots (default bench)
  --write        writes RESULTS.md once more from the results that are there`

const { bench: chosen, quick, write, out } = orUsage(USAGE, readArguments)
install()
const home = out ?? (quick ? mkdtempSync(`${tmpdir()}/bench-`) : `${root}bench`)
const folder = `${home}/results`
mkdirSync(folder, { recursive: true })
if (!write) for (const name of chosen) run(name)
await writeResults()
if (quick && out === undefined) rmSync(home, { recursive: true })

function readArguments(): { bench: string[]; quick: boolean; write: boolean; out?: string } | undefined {
  const { values } = parseArgs({
    options: {
      bench: { type: 'string', multiple: true, default: BENCHES },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const unknown = values.bench.find((name) => !BENCHES.includes(name))
  if (unknown !== undefined) throw new Error(`Cannot run ${unknown} as there are ${BENCHES.join(', ')}`)
  return { ...values, out: values.out && resolve(values.out) }
}

/** Installs the packages that only the benches use. `npm ci` of the project does not install them. */
function install(): void {
  if (existsSync(`${root}bench/packages/node_modules/.package-lock.json`)) return
  console.error('installing the packages of the benches')
  execFileSync('npm', ['ci', '--prefix', `${root}bench/packages`, '--no-fund', '--no-audit'], { stdio: 'inherit' })
}

/** @throws Error if the bench cannot run, or a result is wrong */
function run(name: string): void {
  const json = `${folder}/${name}.json`
  rmSync(json, { force: true })
  const args = [`${root}bench/${name}.ts`, '--json', json, ...(quick ? ['--quick'] : [])]
  const { status } = spawnSync(runtimes.node, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0 || !existsSync(json)) throw new Error(`bench/${name}.ts ended with ${status}`)
}

async function writeResults(): Promise<void> {
  const files = BENCHES.map((name) => `${folder}/${name}.json`).filter((file) => existsSync(file))
  const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report)
  for (const plot of reports.flatMap(({ plots }) => plots)) {
    writeFileSync(`${folder}/${plot.name}.svg`, await drawPlot(plot))
  }
  writeFileSync(`${home}/RESULTS.md`, writeMarkdown(reports, 'results'))
  console.log(`\nwritten from ${reports.map(({ bench }) => bench).join(', ')}`)
}
