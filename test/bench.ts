import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import t from 'tap'
import type { Report } from '../bench/report/report.ts'
import { root } from './fixture/server.ts'

// The quick forms of those that need no further package: that they run, and that every result is right. What they measure
// in so short a time means nothing, and nothing here looks at it.
t.setTimeout(400_000)

const folder = mkdtempSync(`${tmpdir()}/bench-`)
t.teardown(() => rmSync(folder, { recursive: true }))
const bench = (name: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, [`bench/${name}.ts`, ...args], { cwd: root, timeout: 300_000 })

const ours = ['--only', 'bare relay on Bun', '--only', 'ours on Bun']
const benches: Record<string, string[]> = {
  codec: [],
  relay: [...ours, '--only', 'JSON service'],
  connections: ours,
}

for (const [name, only] of Object.entries(benches)) {
  t.test(name, async (t) => {
    const json = `${folder}/${name}.json`
    const { stdout } = await bench(name, '--quick', '--json', json, ...only)
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report
    t.match(report, { bench: name, quick: true, rounds: 1 })
    t.match(stdout, report.title)
    for (const { title, columns, rows } of report.tables) {
      t.ok(rows.length > 0, title)
      for (const row of rows) t.equal(row.length, columns.length, String(row[0]))
    }
  })
}

t.test('what a bench cannot do it says, with the code 2', async (t) => {
  const refused = await bench('relay', '--rounds', 'many').catch((error) => error)
  t.match(refused, { code: 2, stderr: 'Cannot measure as --rounds must be 1 or more: it is many' })
})
