import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { attacks } from '../bench/hostile/attacks.ts'
import { writeMarkdown } from '../bench/report/markdown.ts'
import type { Report } from '../bench/report/types.ts'
import type { Summary } from '../bench/shared/statistics.ts'
import { root } from './fixture/server.ts'

// Runs the quick form of bench/hostile.ts: each attack for less than a second, on Bun. Times and memory of such short
// runs mean nothing, so this test does not read them.
t.setTimeout(1_800_000)

/**
 * In the long run the server sends at most 50 bytes for each byte in. So short a run may have the bursts, too: 1 MiB
 * for each connection, and one request above that.
 */
const BURST = 1.25

t.test('no attack takes anything from other clients, and the server still answers', async (t) => {
  const json = `${t.testdir()}/hostile.json`
  const args = ['bench/hostile.ts', '--quick', '--json', json]
  await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 1_500_000 })
  const report = JSON.parse(readFileSync(json, 'utf8')) as Report
  t.match(writeMarkdown([report], 'results'), '**Attacks on the server on Bun**')
  const [table] = report.tables
  const rows = (table?.rows ?? []).map((row) =>
    Object.fromEntries(row.map((cell, i) => [table?.columns[i], (cell as Summary)?.median ?? cell])),
  )
  // The first row is of a bare relay.
  const [, ...ours] = rows
  t.same(
    ours.map((row) => row['']),
    Object.keys(attacks),
  )
  for (const { '': attack, unanswered, lost, 'bytes out/in': amplification, 'MiB unearned': unearned } of ours) {
    t.equal(unanswered, 0, `the server answers after: ${attack}`)
    t.equal(lost, 0, `no signal and no connection is lost: ${attack}`)
    t.comment(`${attack}: ${amplification} bytes out for each byte in`)
    t.ok(
      (unearned as number) <= BURST,
      `${attack}: ${unearned} MiB for each connection beyond 50 bytes for each byte in`,
    )
  }
})
