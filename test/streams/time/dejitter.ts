import t from 'tap'
import { createBlockDejitter, createDejitter } from '../../../src/streams/time/dejitter.ts'
import { recording } from '../../fixture/recording.ts'
import { seeded } from '../../fixture/seeded.ts'

const intervals = (stamps: number[]): number[] => stamps.slice(1).map((stamp, i) => stamp - (stamps[i] as number))

t.test('the timestamps of a Cyton session become even, and stay near the raw ones', async (t) => {
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
    t.ok(Math.abs(drift) < 0.004, `second ${second}: ${(drift * 1e3).toFixed(2)} ms from the raw timestamps`)
  }
})

t.test('an hour of bursts from a clock that is 100 ppm off becomes even', async (t) => {
  const dejitter = createDejitter(256)
  const period = (1 / 256) * (1 + 100e-6)
  let worst = 0
  for (let i = 0; i < 3_600 * 256; i++) {
    // Like a Muse headband: twelve samples a packet, and each packet up to 15 ms late.
    const packet = Math.floor(i / 12) * 12 + 11
    const stamp = packet * period + seeded(packet)() * 0.015
    const straight = dejitter(stamp)
    if (i > 600 * 256) worst = Math.max(worst, Math.abs(straight - i * period - 0.028_98))
  }
  t.ok(worst < 0.002, `at most ${(worst * 1e3).toFixed(2)} ms from the time of the sample`)
})

t.test('dejitter restarts after a gap', async (t) => {
  const dejitter = createDejitter(100)
  for (let i = 0; i < 1_000; i++) dejitter(i * 0.01)
  t.equal(dejitter(100), 100)
  t.ok(Math.abs(dejitter(100.01) - 100.01) < 1e-6)
  t.equal(dejitter(3), 3, 'a clock that was set back counts as a gap')
})

t.test('dejitter finds a rate that is 2 % off', async (t) => {
  const dejitter = createDejitter(250)
  const stamp = (i: number) => Math.floor(i / 10) * 10 * (1.02 / 250)
  const even = Array.from({ length: 15_000 }, (_, i) => dejitter(stamp(i)))
  const worst = Math.max(...intervals(even.slice(2_500)).map((interval) => Math.abs(interval - 1.02 / 250)))
  t.ok(worst < 0.000_05, `within ${(worst * 1e6).toFixed(1)} µs`)
})

t.test('dejitter follows a rate that changes, because old samples count less and less', async (t) => {
  const dejitter = createDejitter(100)
  let stamp = 0
  const errors: number[] = []
  for (let i = 0; i < 200_000; i++) {
    stamp += i < 100_000 ? 0.01 : 0.010_000_5
    errors.push(Math.abs(dejitter(stamp) - stamp))
  }
  t.ok(Math.max(...errors.slice(160_000)) < 0.001, 'the error is below 1 ms ten minutes later')
})

t.test('bursts of half a second become even, from the first on', async (t) => {
  const dejitter = createDejitter(130)
  const even = Array.from({ length: 13_000 }, (_, i) => dejitter(Math.floor(i / 65) * 0.5))
  const worst = Math.max(...intervals(even.slice(65)).map((interval) => Math.abs(interval - 1 / 130)))
  t.ok(worst < 0.006, `in the first second, intervals are within ${(worst * 1e3).toFixed(1)} ms`)
  const later = Math.max(...intervals(even.slice(1_300)).map((interval) => Math.abs(interval - 1 / 130)))
  t.ok(later < 0.001, `from 10 s on, intervals are within ${(later * 1e3).toFixed(2)} ms`)
})

t.test('a pause shorter than a gap is followed within seconds', async (t) => {
  const dejitter = createDejitter(250)
  const stamp = (i: number) => i / 250 + (i < 5_000 ? 0 : 0.4)
  const errors = Array.from({ length: 7_000 }, (_, i) => Math.abs(dejitter(stamp(i)) - stamp(i)))
  t.ok(Math.max(...errors.slice(5_000, 5_250)) > 0.2, 'not at once, because a burst may be late')
  t.ok(Math.max(...errors.slice(5_600)) < 1e-3)
})

t.test('samples that are lost or have no timestamp still take time', async (t) => {
  const dejitter = createDejitter(100)
  for (let i = 0; i < 1_000; i++) dejitter(i * 0.01)
  dejitter(Number.NaN)
  t.ok(Math.abs(dejitter(10.05, 5) - 10.05) < 1e-6)
  t.ok(Math.abs(dejitter(10.07) - 10.06) < 1e-3, 'the next timestamp is near the expected one')
})

t.test('the timestamps of an irregular stream stay unchanged', async (t) => {
  const stamps = [0, 0, 5, 5.1, 100, 3]
  const dejitter = createDejitter(0)
  t.same(
    stamps.map((stamp) => dejitter(stamp)),
    stamps,
  )
})

t.test('a timestamp that is no number is passed on, and later ones are still right', async (t) => {
  const dejitter = createDejitter(100)
  t.same(dejitter(Number.NaN), Number.NaN)
  t.equal(dejitter(1), 1)
  t.same(dejitter(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY)
  t.ok(Math.abs(dejitter(1.02) - 1.02) < 1e-6)
})

t.test('a block of timestamps gives the same bits as one timestamp after the other', async (t) => {
  const random = seeded(7)
  let start = 0
  // Bursts, pauses, shifts, lost samples and timestamps that are no number.
  const stamps = Float64Array.from({ length: 20_000 }, (_, i) => {
    if (i % 3_000 === 2_999) start += random() * 4
    if (i % 701 === 700) return Number.NaN
    return start + Math.floor(i / 10) * 0.04 + (i % 5_000 < 1_500 ? 0 : 0.06) + random() * 0.01
  })
  const one = createDejitter(250)
  const block = createBlockDejitter(250)
  let different = 0
  for (let at = 0, length = 1; at < stamps.length; at += length, length = (length % 90) + 1) {
    const part = stamps.slice(at, at + length)
    const steps = at % 11 === 0 ? 1 + Math.floor(random() * 20) : 1
    const expected = Float64Array.from(part, (stamp, i) => one(stamp, i === 0 ? steps : 1))
    block(part, steps)
    different += part.filter((stamp, i) => !Object.is(stamp, expected[i])).length
  }
  t.equal(different, 0)
})
