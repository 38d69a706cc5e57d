import fc from 'fast-check'
import t from 'tap'
import { alignStamps, parseXdf, Recorder, straightenStamps, type XdfStream } from '../../../src/streams/mod.ts'
import { sink } from '../fixture/sink.ts'

/** A clock that is `ahead` seconds ahead at the start, and gains `drift` seconds a second. */
const clockOf = (ahead: number, drift: number) => (time: number) => time + ahead + drift * time
/** Noise within ±1, the same for each run. */
const noise = (i: number) => ((((Math.sin(i * 12.9898) * 43_758.5453) % 1) + 1) % 1) * 2 - 1

t.test('a pulse from publishers with clocks far apart is aligned within 1 ms', async (t) => {
  const clocks = [clockOf(3.2, 80e-6), clockOf(-1000, -80e-6)]
  const start = 1_790_000_000
  const pulses = [3, 61.5, 119, 177]
  let now = start
  const { writable, bytes } = sink()
  const recorder = new Recorder(writable, () => now)
  const description = { type: 'EEG', nominalRate: 250, timeUnit: 'ms', format: 'int8', sourceId: '' } as const
  const channels = [{ label: 'pulse', unit: '', type: '' }]
  const streams = []
  for (const name of ['one', 'other']) streams.push(await recorder.addStream({ ...description, name, channels }))
  for (let second = 0; second < 180; second++) {
    now = start + second
    for (const [i, stream] of streams.entries()) {
      const clock = clocks[i] as (time: number) => number
      const source = start + clock(second)
      // As on a wireless network: probes are 0.3 ms off, and one in ten of them is 40 ms off.
      const wrong = 3e-4 * noise(second + i) + (second % 50 === 10 ? 0.04 : 0)
      if (second % 5 === 0) await stream.clockOffset({ time: source, offset: now - source + wrong })
      const times = Array.from({ length: 250 }, (_, at) => second + at / 250)
      await stream.write({
        data: Int8Array.from(times, (time) => (pulses.includes(time) ? 1 : 0)),
        timestamps: Float64Array.from(times, (time) => (start + clock(time)) * 1000),
        first: 0,
      })
    }
  }
  await recorder.close()
  const times = [...parseXdf(bytes()).streams.values()].map((stream) => {
    const aligned = alignStamps(stream)
    return aligned.filter((_, i) => stream.data[i] === 1)
  }) as [Float64Array, Float64Array]
  for (const [i, pulse] of pulses.entries()) {
    const [one, other] = times.map((pulseTimes) => (pulseTimes[i] as number) - start - pulse) as [number, number]
    t.ok(Math.abs(one - other) < 1e-3, `${((one - other) * 1e6).toFixed()} µs apart`)
    t.ok(Math.abs(one) < 1e-3 && Math.abs(other) < 1e-3, 'both are on the recorder’s clock')
  }
})

t.test('a source whose clock was set during the recording is aligned', async (t) => {
  for (const set of [-500, 8, 1e6]) {
    const stream: Pick<XdfStream, 'timestamps' | 'clockOffsets'> = {
      timestamps: new Float64Array(600),
      clockOffsets: [],
    }
    const truth = Float64Array.from({ length: 600 }, (_, i) => 1000 + i / 10)
    for (const [i, time] of truth.entries()) {
      // The clock is set 2 s after one offset was measured, and 3 s before the next.
      const ahead = i >= 320 ? 50 + set : 50
      stream.timestamps[i] = time + ahead
      if (i % 50 === 0) stream.clockOffsets.push({ time: time + ahead, offset: -ahead, sample: i })
    }
    const aligned = alignStamps(stream)
    const worst = Math.max(...aligned.map((time, i) => Math.abs(time - (truth[i] as number))))
    t.ok(worst < 1e-6, `${worst} s off where the clock was set by ${set} s`)
  }
})

t.test('an offset that is far off is ignored, and without offsets timestamps stay unchanged', async (t) => {
  const every5s = Float64Array.from({ length: 11 }, (_, i) => i * 5)
  const clockOffsets = Array.from(every5s, (time, i) => ({ time, offset: i === 6 ? 900 : 2, sample: i }))
  t.strictSame(
    [...alignStamps({ timestamps: every5s, clockOffsets })],
    Array.from(every5s, (time) => time + 2),
  )
  const timestamps = Float64Array.of(0, 30, 50)
  t.strictSame([...alignStamps({ timestamps, clockOffsets: [] })], [0, 30, 50])
  t.strictSame([...alignStamps({ timestamps, clockOffsets: [{ time: 3, offset: 1, sample: 0 }] })], [1, 31, 51])
  const nonsense = [
    { time: NaN, offset: 1, sample: 0 },
    { time: 1, offset: Infinity, sample: 0 },
  ]
  t.strictSame([...alignStamps({ timestamps, clockOffsets: nonsense })], [0, 30, 50])
})

t.test('straightenStamps makes timestamps even on both sides of a gap', async (t) => {
  const jittered = Float64Array.from({ length: 1000 }, (_, i) => 1e9 + i / 250 + (i >= 500 ? 30 : 0) + 0.01 * noise(i))
  const straight = straightenStamps(jittered, 250)
  const worst = Math.max(...straight.map((stamp, i) => Math.abs(stamp - (1e9 + i / 250 + (i >= 500 ? 30 : 0)))))
  t.ok(worst < 2e-3, `${worst} s off on both sides of a gap`)
  t.strictSame(straightenStamps(jittered, 0), jittered, 'the timestamps of an irregular stream stay unchanged')
  t.strictSame([...straightenStamps(Float64Array.of(0, 1, NaN, 5, 6), 1)], [0, 1, NaN, 5, 6])
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2e9, noNaN: true }), fc.integer({ min: 1, max: 1000 }), (start, rate) => {
      const even = Float64Array.from({ length: 100 }, (_, i) => start + i / rate)
      return straightenStamps(even, rate).every((stamp, i) => Math.abs(stamp - (even[i] as number)) < 1e-5)
    }),
  )
})
