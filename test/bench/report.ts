import { readFileSync } from 'node:fs'
import t from 'tap'
import { writeMarkdown } from '../../bench/report/markdown.ts'
import { finish } from '../../bench/report/report.ts'
import { formatCell, formatNumber, verdictOf } from '../../bench/report/text.ts'
import type { Report } from '../../bench/report/types.ts'
import { summarize } from '../../bench/shared/statistics.ts'

const report: Report = {
  bench: 'relay',
  title: 'Relaying',
  date: '2026-11-22',
  machine: { processor: 'A processor', processors: 2, memory: 8, system: 'linux' },
  versions: { bun: '1.4.5' },
  quick: false,
  rounds: 3,
  method: ['It was measured.'],
  goals: [
    { what: 'cheap', measured: summarize([1, 2, 3]), atMost: 2 },
    { what: 'fast', measured: summarize([1, 2, 3]), atLeast: 2.5, unit: '×', why: 'the profile shows a | in it' },
    { what: 'small', measured: undefined, atMost: 1 },
    { what: 'fast for all', measured: summarize([1, 2, 3]), atLeast: 2.5, why: 'the profile shows a | in it' },
  ],
  tables: [{ title: 'Times', columns: ['', 'µs'], rows: [['ours | theirs', summarize([1, 2, 3])]] }],
  plots: [{ kind: 'bars', name: 'relay-cpu', title: 'A plot', label: 'µs', bars: [] }],
}

t.test('each goal is met, missed with the reason, or not measured', async (t) => {
  t.same(report.goals.map(verdictOf), ['met', 'missed', 'not measured', 'missed'])
  const text = writeMarkdown([report], 'results')
  t.match(text, '| cheap | 2 (1–3) | ≤ 2 | met |')
  t.match(text, '| fast | 2 (1–3) | ≥ 2.5 × | **missed** |')
  t.match(text, '- **fast**; **fast for all**: the profile shows a | in it')
  t.match(text, '| small | – | ≤ 1 | **not measured** |')
  t.match(text, '| ours \\| theirs | 2 (1–3) |')
  t.match(text, '![A plot](results/relay-cpu.svg)')
  t.match(text, '- 2 × A processor, 8 GiB, linux')
  t.notMatch(text, 'mean little')
  t.match(writeMarkdown([{ ...report, quick: true }], 'results'), 'these figures mean little')
  t.throws(() => writeMarkdown([], 'results'))
})

t.test('a goal that the least possible work misses too is at the limit, if ours is hardly worse', async (t) => {
  const verdict = (measured: number, limit: number, bounds: { atMost?: number; atLeast?: number }) =>
    verdictOf({ what: '', measured: summarize([measured]), limit: summarize([limit]), ...bounds })
  t.equal(verdict(97, 99, { atLeast: 100 }), 'at the limit')
  t.equal(verdict(99.5, 99, { atLeast: 100 }), 'at the limit', 'ours may be the better one in these rounds')
  t.equal(verdict(90, 99, { atLeast: 100 }), 'missed', 'far from the limit')
  t.equal(verdict(97, 101, { atLeast: 100 }), 'missed', 'the limit meets the goal')
  t.equal(verdict(101, 99, { atLeast: 100 }), 'met')
  t.equal(verdict(2.1, 2.05, { atMost: 2 }), 'at the limit')
  t.equal(verdict(2.5, 2.05, { atMost: 2 }), 'missed')
  t.equal(verdict(2.1, 1.9, { atMost: 2 }), 'missed')
  const goal = { what: 'fast', measured: summarize([97]), limit: summarize([99]), atLeast: 100, why: 'the wire' }
  const text = writeMarkdown([{ ...report, goals: [goal] }], 'results')
  t.match(text, '| fast | 97 | ≥ 100 | at the limit, 99 |')
  t.match(text, '- **fast**: the wire')
})

t.test('figures have three significant digits', async (t) => {
  t.same([12_345.6, 123.4, 12.34, 0.012_34, 7].map(formatNumber), ['12,346', '123', '12.3', '0.0123', '7'])
  t.equal(formatCell(summarize([1.5])), '1.5', 'one round has no spread')
})

t.test('NaN and infinite figures count as not measured', async (t) => {
  const written = `${t.testdir()}/relay.json`
  t.capture(console, 'log')
  const infinite = summarize([1, 1 / 0])
  finish(
    {
      ...report,
      goals: [{ what: 'cheap', measured: summarize([Number.NaN]), atMost: 2 }],
      tables: [{ title: 'Times', columns: ['', 'µs', 'ms'], rows: [['ours', infinite, 0 / 0]] }],
      plots: [
        { kind: 'bars', name: 'bars', title: '', label: '', bars: [{ name: 'ours', value: infinite, ours: true }] },
        {
          kind: 'curves',
          name: 'curves',
          title: '',
          label: '',
          xLabel: '',
          curves: [
            {
              name: '',
              points: [
                [1, 1 / 0],
                [2, 3],
              ],
            },
          ],
        },
      ],
    },
    { quick: true, rounds: 1, only: [], json: written },
  )
  const read = JSON.parse(readFileSync(written, 'utf8')) as Report
  const text = writeMarkdown([read], 'results')
  t.match(text, '| cheap | – | ≤ 2 | **not measured** |')
  t.match(text, '| ours | – | – |')
  t.match(read.plots, [{ bars: [] }, { curves: [{ points: [[2, 3]] }] }])
})
