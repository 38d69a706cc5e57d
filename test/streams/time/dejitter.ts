import t from 'tap'
import { createDejitter } from '../../../src/streams/time/dejitter.ts'
import { recording } from '../../fixture/recording.ts'
import { seeded } from '../../fixture/seeded.ts'

const intervals = (stamps: number[]): number[] => stamps.slice(1).map((stamp, i) => stamp - (stamps[i] as number))

t.test('the stamps of a Cyton session become even, and stay with the raw ones', async (t) => {
  const { timestamps, real } = recording()
  if (!real) t.comment('skipped: the real recording is not beside this checkout; one made in its form is used instead')
  const raw = timestamps.map((ms) => ms / 1_000)
  const dejitter = createDejitter(250)
  const even = raw.map((stamp) => dejitter(stamp))
  const worst = Math.max(...intervals(even.slice(2_500)).map((interval) => Math.abs(interval - 0.004)))
  t.ok(worst < 0.000_05, `from 10 s on, intervals are within ${(worst * 1e6).toFixed(1)} µs of 4 ms`)
  for (let second = 10; second < 20; second++) {
    const part = raw.slice(second * 250, second * 250 + 250)
    const drift = part.reduce((sum, stamp, i) => sum + (even[second * 250 + i] as number) - stamp, 0) / part.length
    t.ok(Math.abs(drift) < 0.004, `second ${second}: ${(drift * 1e3).toFixed(2)} ms from the raw stamps`)
  }
})

t.test('an hour of bursts from a clock that is 100 ppm off', async (t) => {
  const dejitter = createDejitter(256)
  const period = (1 / 256) * (1 + 100e-6)
  let worst = 0
  for (let i = 0; i < 3_600 * 256; i++) {
    // Twelve samples a packet, which arrives up to 15 ms late: as a Muse headband's do.
    const packet = Math.floor(i / 12) * 12 + 11
    const stamp = packet * period + seeded(packet)() * 0.015
    const straight = dejitter(stamp)
    if (i > 600 * 256) worst = Math.max(worst, Math.abs(straight - i * period - 0.028_98))
  }
  t.ok(worst < 0.002, `never further than ${(worst * 1e3).toFixed(2)} ms from where the sample was taken`)
})

t.test('it restarts after a gap', async (t) => {
  const dejitter = createDejitter(100)
  for (let i = 0; i < 1_000; i++) dejitter(i * 0.01)
  t.equal(dejitter(100), 100)
  t.ok(Math.abs(dejitter(100.01) - 100.01) < 1e-6)
  t.equal(dejitter(3), 3, 'a clock that was set back is a gap too')
})

t.test('a rate that is 2 % off is found out', async (t) => {
  const dejitter = createDejitter(250)
  const stamp = (i: number) => Math.floor(i / 10) * 10 * (1.02 / 250)
  const even = Array.from({ length: 15_000 }, (_, i) => dejitter(stamp(i)))
  const worst = Math.max(...intervals(even.slice(2_500)).map((interval) => Math.abs(interval - 1.02 / 250)))
  t.ok(worst < 0.000_05, `within ${(worst * 1e6).toFixed(1)} µs`)
})

t.test('a rate that changes is followed, as what is old counts less and less', async (t) => {
  const dejitter = createDejitter(100)
  let stamp = 0
  const errors: number[] = []
  for (let i = 0; i < 200_000; i++) {
    stamp += i < 100_000 ? 0.01 : 0.010_000_5
    errors.push(Math.abs(dejitter(stamp) - stamp))
  }
  t.ok(Math.max(...errors.slice(160_000)) < 0.001, 'ten minutes later')
})

t.test('bursts of half a second, from the first on', async (t) => {
  const dejitter = createDejitter(130)
  const even = Array.from({ length: 13_000 }, (_, i) => dejitter(Math.floor(i / 65) * 0.5))
  const worst = Math.max(...intervals(even.slice(65)).map((interval) => Math.abs(interval - 1 / 130)))
  t.ok(worst < 0.006, `even in the first second within ${(worst * 1e3).toFixed(1)} ms`)
  const later = Math.max(...intervals(even.slice(1_300)).map((interval) => Math.abs(interval - 1 / 130)))
  t.ok(later < 0.001, `from 10 s on within ${(later * 1e3).toFixed(2)} ms`)
})

t.test('a pause of less than a gap is noticed within seconds', async (t) => {
  const dejitter = createDejitter(250)
  const stamp = (i: number) => i / 250 + (i < 5_000 ? 0 : 0.4)
  const errors = Array.from({ length: 7_000 }, (_, i) => Math.abs(dejitter(stamp(i)) - stamp(i)))
  t.ok(Math.max(...errors.slice(5_000, 5_250)) > 0.2, 'not at once, as it may be a burst that is late')
  t.ok(Math.max(...errors.slice(5_600)) < 1e-3)
})

t.test('samples that were lost, or came without a stamp, take their time', async (t) => {
  const dejitter = createDejitter(100)
  for (let i = 0; i < 1_000; i++) dejitter(i * 0.01)
  dejitter(Number.NaN)
  t.ok(Math.abs(dejitter(10.05, 5) - 10.05) < 1e-6)
  t.ok(Math.abs(dejitter(10.07) - 10.06) < 1e-3, 'the next is near where it is expected')
})

t.test('an irregular stream is left as it is', async (t) => {
  const stamps = [0, 0, 5, 5.1, 100, 3]
  const dejitter = createDejitter(0)
  t.same(
    stamps.map((stamp) => dejitter(stamp)),
    stamps,
  )
})

t.test('a stamp that is no number is passed, and harms none behind it', async (t) => {
  const dejitter = createDejitter(100)
  t.same(dejitter(Number.NaN), Number.NaN)
  t.equal(dejitter(1), 1)
  t.same(dejitter(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY)
  t.ok(Math.abs(dejitter(1.02) - 1.02) < 1e-6)
})
