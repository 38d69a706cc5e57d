import t from 'tap'
import { type LocalSource, play } from '../../../src/studio/sources/local-source.ts'

const counting = (length: number, pace: number): LocalSource => ({
  name: 'Counting',
  type: '',
  labels: ['n'],
  units: [''],
  nominalRate: 0,
  pace,
  length,
  read: (from, to) => ({
    data: Float64Array.from({ length: to - from }, (_, i) => from + i),
    timestamps: new Float64Array(to - from),
  }),
})

for (const [speed, pace] of [
  ['full', 1],
  ['real-time', 20_000],
] as const) {
  t.test(`speed ${speed} plays every row once and in order`, async (t) => {
    const seen: number[] = []
    const sent = await play(
      counting(5_005, pace),
      speed,
      (rows, first) => {
        t.equal(first, seen.length)
        seen.push(...rows.data)
      },
      new AbortController().signal,
    )
    t.equal(sent, 5_005)
    t.strictSame(
      seen,
      Array.from({ length: 5_005 }, (_, i) => i),
    )
  })
}

t.test('real-time playback is not faster than the rate', async (t) => {
  const started = performance.now()
  await play(counting(100, 1_000), 'real-time', () => undefined, new AbortController().signal)
  t.ok(performance.now() - started >= 99)
})

t.test('playback stops when its signal aborts', async (t) => {
  const stopping = new AbortController()
  const sent = await play(
    counting(Number.POSITIVE_INFINITY, 1_000),
    'real-time',
    () => stopping.abort(),
    stopping.signal,
  )
  t.ok(sent > 0)
})
