import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import t from 'tap'
import type { Report } from '../bench/report/types.ts'
import { root } from './fixture/server.ts'

// Runs the quick form of all benches. Checks that they run and that their results are correct. Figures of such short
// runs mean nothing, so no test reads them. test/hostile.ts runs bench/hostile.ts.
t.setTimeout(1_800_000)

const program = (name: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, [`bench/${name}.ts`, ...args], {
    cwd: root,
    timeout: 1_500_000,
  })

t.test('all benches run, and RESULTS.md is written', async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/bench-`)
  t.teardown(() => rmSync(folder, { recursive: true }))
  const benches = ['channels', 'codec', 'connect', 'connections', 'relay', 'size']
  await program('run', '--quick', '--out', folder, ...benches.flatMap((bench) => ['--bench', bench]))
  const written = readFileSync(`${folder}/RESULTS.md`, 'utf8')
  const files = readdirSync(`${folder}/results`)
  const reports = files.filter((file) => file.endsWith('.json'))
  t.same(
    reports,
    benches.map((name) => `${name}.json`),
  )
  for (const file of reports) {
    const { bench, quick, title, tables, plots } = JSON.parse(
      readFileSync(`${folder}/results/${file}`, 'utf8'),
    ) as Report
    t.same({ file: `${bench}.json`, quick }, { file, quick: true })
    t.match(written, `## ${title}`)
    for (const { name } of plots) t.match(readFileSync(`${folder}/results/${name}.svg`, 'utf8'), '<svg')
    for (const { title, columns, rows } of tables) {
      t.ok(rows.length > 0, title)
      for (const row of rows) t.equal(row.length, columns.length, String(row[0]))
    }
  }
})

t.test('invalid options of a bench print an error and exit with code 2', async (t) => {
  const refused = await program('relay', '--rounds', 'many').catch((error) => error)
  t.match(refused, { code: 2, stderr: 'Cannot measure as --rounds must be 1 or more: it is many' })
  const unknown = await program('run', '--bench', 'all').catch((error) => error)
  t.match(unknown, { code: 2, stderr: 'Cannot run all as there are codec, relay' })
})
