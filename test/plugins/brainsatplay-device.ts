import t from 'tap'
import { Device, type Samples, samplesOf } from '../../plugins/brainsatplay/device.ts'
import { sourceOf, type Timers } from '../../src/streams/mod.ts'

const at = 1_700_000_000_000

t.test('samplesOf turns the output of a device into samples of channels', async (t) => {
  const sample = (label: string, value: unknown): Samples => ({ label, values: [value], stamps: [at] })
  t.same(samplesOf({ channels: [1, 'two', 3n], at }, 250), [sample('0', 1), sample('1', 'two'), sample('2', 3n)])
  t.same(samplesOf({ channels: { Fp1: 1, Fp2: 2 }, at }, 0), [sample('Fp1', 1), sample('Fp2', 2)])
  t.same(samplesOf({ channels: Int16Array.of(1, 2), at }, 0), [sample('0', 1), sample('1', 2)])
  t.same(samplesOf({ channels: 7, at }, 0), [sample('0', 7)])
  t.same(samplesOf({ channels: {}, at }, 0), [])
  const holed = Object.assign(new Array(3), { 0: 1, 2: 3 })
  t.match(samplesOf({ channels: { 0: holed }, at }, 0), [{ values: [1, undefined, 3] }], 'with holes')
  t.same(samplesOf({ channels: holed, at }, 0), [sample('0', 1), sample('2', 3)], 'without some channels')
  const buffer = Float32Array.of(0.5, 1)
  const [copied] = samplesOf({ channels: { 0: buffer }, at }, 0)
  buffer.fill(0)
  t.same(copied?.values, [0.5, 1], 'values are copied, because drivers reuse their buffers')
  t.throws(() => samplesOf({ channels: { Fp1: [1, {}] }, at }, 0), {
    name: 'TypeError',
    message: 'Cannot publish channel Fp1: samples must be numbers or strings: one is object',
  })
})

t.test('samplesOf uses the timestamps of the device, or the rate and the current time', async (t) => {
  const stamps = (channels: object, rate: number) => samplesOf({ channels, at }, rate).map(({ stamps }) => stamps)
  t.same(stamps({ 0: [1, 2, 3] }, 250), [[at - 8, at - 4, at]], 'the last sample is from now')
  t.same(stamps({ 0: [1, 2, 3] }, 0), [[at, at, at]])
  t.same(stamps({ 0: [1, 2], timestamp: [5, 6] }, 250), [[5, 6]])
  t.same(stamps({ 0: [1, 2], timestamp: 5 }, 250), [[5, 5]])
  t.same(
    stamps(Object.defineProperty({ 0: [1, 2] }, 'timestamp', { value: [5, 6] }), 250),
    [[5, 6]],
    'a hidden timestamp, as in drivers',
  )
  t.same(stamps({ 0: [1, 2], timestamp: [5] }, 250), [[5, at]], 'one timestamp too few')
  t.same(stamps({ 0: [1], timestamp: 'yesterday' }, 250), [[at]])
})

t.test('electrodes that arrive one after the other become one stream', async (t) => {
  const device = new Device()
  const streams: { width: number; values: unknown[] }[] = []
  const byTrack = new Map<object, { width: number; values: unknown[] }>()
  // The clock stands still, because on a busy machine some electrodes could arrive too late for the others.
  const timers: Timers = { now: () => at / 1000, after: () => () => {}, endOfTask: queueMicrotask }
  const end = sourceOf(device as never, { timers })({
    full: false,
    drained: async () => {},
    addTrack(track, { channels = [], sourceId }) {
      const stream = { width: channels.length, values: [] }
      t.equal(sourceId, 'brainsatplay')
      t.same(
        channels.map(({ label }) => label),
        ['0', '1', '2', '3'],
      )
      byTrack.set(track, stream)
      streams.push(stream)
    },
    removeTrack() {},
    push: (track, values) => byTrack.get(track)?.values.push(...Array.from(values)),
    addMedia() {},
    removeMedia() {},
    end() {},
  })
  for (let packet = 0; packet < 6; packet++) {
    for (let electrode = 0; electrode < 4; electrode++) {
      const timestamp = [at + 8 * packet, at + 8 * packet + 4]
      device.push(samplesOf({ channels: { [electrode]: [packet, packet + 0.5], timestamp }, at }, 250))
      await new Promise(setImmediate)
    }
  }
  end()
  t.same(streams, [
    { width: 4, values: [0, 1, 2, 3, 4, 5].flatMap((i) => [...Array(4).fill(i), ...Array(4).fill(i + 0.5)]) },
  ])
})
