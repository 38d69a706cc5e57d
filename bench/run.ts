/**
 * All benches, one after the other, and RESULTS.md written from what they find: `npm run bench` or `bun run bench`. With
 * `--quick` it only shows that all of them run, and writes nothing that is kept. `--write` writes RESULTS.md once more from
 * the last results, and `--bench NAME`, repeatable, runs some of them alone.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { writeMarkdown } from './report/markdown.ts'
import { drawPlot } from './report/plots.ts'
import type { Report } from './report/report.ts'
import { root, runtimes } from './shared/processes.ts'

/** In the order of RESULTS.md. */
const BENCHES = ['codec', 'relay', 'connections', 'size']

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    bench: { type: 'string', multiple: true, default: BENCHES },
  },
})
for (const name of values.bench) {
  if (!BENCHES.includes(name)) throw new Error(`Cannot run ${name} as there are ${BENCHES.join(', ')}`)
}

install()
const folder = values.quick ? mkdtempSync(`${tmpdir()}/bench-`) : `${root}bench/results`
mkdirSync(folder, { recursive: true })
if (!values.write) for (const name of values.bench) run(name)
await write()
if (values.quick) rmSync(folder, { recursive: true })

/** What the benches compare with is no part of what `npm ci` brings to who works on the project. */
function install(): void {
  if (existsSync(`${root}bench/packages/node_modules/.package-lock.json`)) return
  console.error('installing the packages of the benches')
  execFileSync('npm', ['ci', '--prefix', `${root}bench/packages`, '--no-fund', '--no-audit'], { stdio: 'inherit' })
}

/** @throws Error where the bench cannot run, or a result is wrong */
function run(name: string): void {
  const json = `${folder}/${name}.json`
  rmSync(json, { force: true })
  const args = [`${root}bench/${name}.ts`, '--json', json, ...(values.quick ? ['--quick'] : [])]
  const { status } = spawnSync(runtimes.node, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0 || !existsSync(json)) throw new Error(`bench/${name}.ts ended with ${status}`)
}

async function write(): Promise<void> {
  const files = BENCHES.map((name) => `${folder}/${name}.json`).filter((file) => existsSync(file))
  const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report)
  for (const plot of reports.flatMap(({ plots }) => plots)) {
    writeFileSync(`${folder}/${plot.name}.svg`, await drawPlot(plot))
  }
  writeFileSync(values.quick ? `${folder}/RESULTS.md` : `${root}bench/RESULTS.md`, writeMarkdown(reports, 'results'))
  console.log(`\nwritten from ${reports.map(({ bench }) => bench).join(', ')}`)
}
