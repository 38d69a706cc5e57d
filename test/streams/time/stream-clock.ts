import t from 'tap'
import { RemoteClock } from '../../../src/streams/time/remote-clock.ts'
import { createStreamClock } from '../../../src/streams/time/stream-clock.ts'
import { recording } from '../../fixture/recording.ts'

const samples = (timestamps: number[], first = 0) => ({
  data: new Float32Array(timestamps.length),
  timestamps: Float64Array.from(timestamps),
  first,
})
const clockAt = (offset: number): RemoteClock => {
  const clock = new RemoteClock()
  clock.update({ at: 0, offset, drift: 0, roundTrip: 0.002, errorBound: 0.001 }, 0)
  return clock
}

t.test('timestamps become seconds of the own clock, and the given samples stay unchanged', async (t) => {
  for (const [timeUnit, second] of [
    ['s', 1],
    ['ms', 1000],
  ] as const) {
    const read = createStreamClock({ nominalRate: 0, timeUnit }, clockAt(10))
    const given = samples([11 * second, 11.5 * second, 11.25 * second])
    const { timestamps, timeError } = read(given, 2)
    t.strictSame([...timestamps], [1, 1.5, 1.25], 'the timestamps of an irregular stream stay uneven')
    t.equal(timeError, 0.001 + 2 * 500e-6)
    t.strictSame(
      [...given.timestamps],
      [11, 11.5, 11.25].map((stamp) => stamp * second),
    )
  }
})

t.test('before the first clock estimate, the time error is infinite', async (t) => {
  const read = createStreamClock({ nominalRate: 0, timeUnit: 'ms' }, new RemoteClock())
  t.strictSame(read(samples([1_000]), 5), { timestamps: Float64Array.of(1), timeError: Infinity })
})

t.test('a Cyton session from another clock becomes even, in chunks of any size', async (t) => {
  const { timestamps: given, real } = recording()
  if (!real) t.comment('skipped: the real recording is not beside this checkout; one made in its form is used instead')
  const start = (given[0] as number) / 1000
  const clock = new RemoteClock()
  const read = createStreamClock({ nominalRate: 250, timeUnit: 'ms' }, clock)
  const even: number[] = []
  for (let first = 0, length = 1; first < given.length; first += length, length = (length % 7) + 1) {
    const now = (given[first] as number) / 1000 + 3_600
    // One estimate every two seconds. Estimates differ by up to 2 ms.
    if (first % 500 < length) {
      const offset = -3_600 + Math.sin(first) * 0.001
      clock.update({ at: now, offset, drift: 0, roundTrip: 0.004, errorBound: 0.002 }, now)
    }
    even.push(...read(samples(given.slice(first, first + length), first), now).timestamps)
  }
  t.equal(even.length, given.length)
  const late = even.slice(2_500)
  const worst = Math.max(...late.slice(1).map((stamp, i) => Math.abs(stamp - (late[i] as number) - 0.004)))
  t.ok(worst < 0.000_05, `intervals are within ${(worst * 1e6).toFixed(1)} µs of 4 ms`)
  const drift = late.map((stamp, i) => stamp - 3_600 - (given[2_500 + i] as number) / 1000)
  const mean = drift.reduce((sum, value) => sum + value, 0) / drift.length
  t.ok(Math.abs(mean) < 0.003, `${(mean * 1e3).toFixed(2)} ms from the raw timestamps on average`)
  t.ok((even[0] as number) - 3_600 - start < 0.003)
})

t.test('lost samples still take time', async (t) => {
  const read = createStreamClock({ nominalRate: 100, timeUnit: 's' }, clockAt(0))
  for (let i = 0; i < 1_000; i++) read(samples([i / 100], i), 0)
  const [stamp] = read(samples([10.03], 1_003), 0).timestamps
  t.ok(Math.abs((stamp as number) - 10.03) < 1e-6)
})

t.test('a description can turn dejitter off', async (t) => {
  const read = createStreamClock({ nominalRate: 250, timeUnit: 's', dejitter: false }, clockAt(0))
  t.strictSame([...read(samples([0, 0, 0.5, 0.5]), 0).timestamps], [0, 0, 0.5, 0.5])
})
