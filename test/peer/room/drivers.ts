import t from 'tap'
import { OutgoingPublication } from '../../../src/peer/publish/outgoing-publication.ts'
import type { PublishOptions } from '../../../src/peer/publish/publish-options.ts'
import { sourceOf } from '../../../src/streams/mod.ts'
import { NewStream, NewTrack, OldStream, OldTrack } from '../../streams/fixture/datastreams.ts'
import { TestTimers } from '../../streams/fixture/merged.ts'
import { type Heard, loop } from '../fixture/loop.ts'

/** A device as in datastreams-api. It creates a track at its first value, and all values share the timestamps. */
function device(options: PublishOptions = {}) {
  const stream = new NewStream()
  const { outbox, heard, streams } = loop()
  const timers = new TestTimers()
  const publication = new OutgoingPublication(sourceOf(stream, { ...options, timers }), 'device', options, outbox)
  const errors: string[] = []
  publication.addEventListener('error', ({ detail }) => errors.push(detail.message))
  const data = (values: Record<string, unknown>, timestamps: unknown = [timers.ms]) => {
    for (const [key, value] of Object.entries(values)) {
      const track = stream.tracks.get(key) ?? new NewTrack('Device', 'eeg', key)
      if (!stream.tracks.has(key)) stream.addTrack(track)
      // Complete the timestamps as addData of datastreams-api 0.0.18 does.
      const given = Array.isArray(value) ? value : [value]
      const stamps = Array.isArray(timestamps) ? timestamps : [timestamps]
      const last = stamps.at(-1)
      track.addData(given, stamps.length === given.length ? stamps : given.map((_, i) => stamps[i] ?? last))
    }
  }
  return { data, task: timers.over, timers, heard, streams, errors }
}

const of = (heard: Heard[], key: string) => heard.filter((track) => (track.contentHint || track.label) === key)
const valuesOf = (heard: Heard[], key: string) => of(heard, key).flatMap(({ values }) => values)
const ramp = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

t.test('Muse: one electrode at a time, 12 samples in a packet, one timestamp', async (t) => {
  const { data, heard, task } = device({ nominalRate: 256, unit: 'µV' })
  const electrodes = ['TP9', 'AF7', 'AF8', 'TP10']
  for (let packet = 0; packet < 6; packet++) {
    for (const electrode of electrodes) {
      data({ [electrode]: ramp(packet * 12, 12) }, packet * 46.875)
      await task()
    }
  }
  t.strictSame(
    heard.map(({ contentHint, together }) => [contentHint, together]),
    electrodes.map((electrode) => [electrode, electrodes]),
  )
  for (const { values, timestamps } of heard) {
    t.strictSame(values, ramp(0, 72))
    t.strictSame(
      timestamps,
      values.map((_, i) => Math.floor(i / 12) * 46.875),
    )
  }
})

t.test('Muse: a sparse array with one electrode', async (t) => {
  const { data, heard, task } = device()
  for (let packet = 0; packet < 4; packet++) {
    for (let electrode = 0; electrode < 4; electrode++) {
      // Object.keys() of a sparse array returns only the existing electrode.
      const sparse: unknown[] = []
      sparse[electrode] = ramp(packet * 12, 12)
      data(sparse as never, packet * 46.875)
      await task()
    }
  }
  t.equal(heard.length, 4)
  for (const { values, together } of heard) {
    t.strictSame(values, ramp(0, 48))
    t.equal(together.length, 4)
  }
})

t.test('Muse: electrodes, pulse and motion with different rates', async (t) => {
  const { data, heard, task } = device()
  for (let packet = 0; packet < 8; packet++) {
    for (const electrode of ['TP9', 'AF7']) {
      data({ [electrode]: ramp(packet * 12, 12) }, packet * 46.875)
      await task()
    }
    if (packet % 2 === 0) data({ ppg: ramp(packet * 3, 6) }, packet * 46.875)
    data({ x: ramp(packet * 3, 3), y: ramp(packet * 3, 3), z: ramp(packet * 3, 3) }, packet * 46.875 + 1)
    await task()
  }
  await task(150)
  t.strictSame(of(heard, 'TP9')[0]?.together, ['TP9', 'AF7'])
  t.strictSame(of(heard, 'x')[0]?.together, ['x', 'y', 'z'])
  t.strictSame(of(heard, 'ppg')[0]?.together, ['ppg'])
  t.strictSame(valuesOf(heard, 'AF7'), ramp(0, 96))
  t.strictSame(valuesOf(heard, 'z'), ramp(0, 24))
  t.strictSame(
    valuesOf(heard, 'ppg'),
    [0, 6, 12, 18].flatMap((from) => ramp(from, 6)),
  )
})

t.test('Ganglion: two samples of four channels in a packet', async (t) => {
  const { data, heard, task } = device({ nominalRate: 200 })
  for (let packet = 0; packet < 5; packet++) {
    data(Object.fromEntries(ramp(0, 4).map((c) => [c, [packet * 2 + c, packet * 2 + 1 + c]])), [
      packet * 10,
      packet * 10,
    ])
    await task()
  }
  t.strictSame(
    heard.map(({ together }) => together),
    Array(4).fill(['0', '1', '2', '3']),
  )
  t.strictSame(valuesOf(heard, '3'), ramp(3, 10))
})

t.test('Cyton: bursts of rows with one timestamp each', async (t) => {
  const { data, heard, task } = device({ nominalRate: 250 })
  let row = 0
  for (const [stamp, rows] of [
    [100, 3],
    [111, 1],
    [111, 2],
    [119, 4],
    [130, 2],
  ] as const) {
    for (let i = 0; i < rows; i++, row++) data(Object.fromEntries(ramp(0, 8).map((c) => [c, row * 8 + c])), stamp)
    await task()
  }
  t.equal(heard.length, 8)
  t.equal(heard[0]?.together.length, 8)
  for (const [c, { values, timestamps }] of heard.entries()) {
    t.strictSame(
      values,
      ramp(0, row).map((i) => i * 8 + c),
    )
    t.strictSame(timestamps, [100, 100, 100, 111, 111, 111, 119, 119, 119, 119, 130, 130])
  }
})

t.test('HEGduino: lines of text, and values with different rates', async (t) => {
  const { data, heard, errors, task } = device()
  for (let line = 0; line < 12; line++) {
    const stamp = 1_000 + line * 25
    data({ raw: `${stamp}|${line}|${line * 2}|0.5`, red: line, ir: line * 2 }, stamp)
    if (line % 4 === 0) data({ temperature: 20 + line }, stamp)
    await task()
  }
  await task(150)
  t.strictSame(of(heard, 'red')[0]?.together, ['red', 'ir'])
  t.strictSame(
    valuesOf(heard, 'ir'),
    ramp(0, 12).map((i) => i * 2),
  )
  t.strictSame(valuesOf(heard, 'raw')[3], '1075|3|6|0.5')
  t.equal(valuesOf(heard, 'raw').length, 12)
  t.strictSame(valuesOf(heard, 'temperature'), [20, 24, 28])
  t.strictSame(errors, [])
})

t.test('Polar: irregular heart rates, each with any number of intervals', async (t) => {
  const { data, heard, task } = device()
  const beats = [[812], [], [790, 805], [1_020], [], [799], [801]]
  for (const [i, intervals] of beats.entries()) {
    data({ hr: 70 + i, ...(intervals.length > 0 ? { rr: intervals } : {}) }, i * 1_000)
    await task()
  }
  await task(150)
  t.strictSame(valuesOf(heard, 'hr'), ramp(70, 7))
  t.strictSame(
    valuesOf(heard, 'rr').filter((value) => !Number.isNaN(value)),
    beats.flat(),
  )
  t.strictSame(of(heard, 'rr').at(-1)?.together, ['rr'])
})

t.test('Blueberry: several wavelengths in a packet, with one value each', async (t) => {
  const { data, heard, task } = device()
  for (let i = 0; i < 10; i++) {
    data({ '740nm10mm': i, '850nm10mm': i + 0.5, '940nm27mm': -i }, i * 33)
    await task()
  }
  t.strictSame(
    heard.map(({ values }) => values),
    [ramp(0, 10), ramp(0, 10).map((i) => i + 0.5), ramp(0, 10).map((i) => 0 - i)],
  )
  t.equal(heard[0]?.together.length, 3)
})

t.test('Teensy and FreeEEG: many channels in a tick, several ticks in a read', async (t) => {
  for (const channels of [24, 32, 128]) {
    const { data, heard, task } = device({ nominalRate: 512, format: 'int24' })
    for (let read = 0; read < 4; read++) {
      for (let i = 0; i < 16; i++) {
        const tick = read * 16 + i
        data(Object.fromEntries(ramp(0, channels).map((c) => [`ch${c}`, tick * 1_000 - c])), 1_000 + read * 31)
      }
      await task()
    }
    t.equal(heard.length, channels)
    t.equal(heard[0]?.together.length, channels)
    for (const [c, { values }] of heard.entries())
      t.strictSame(
        values,
        ramp(0, 64).map((i) => i * 1_000 - c),
      )
  }
})

t.test('Teensy and FreeEEG: a typed array for each channel', async (t) => {
  const { data, heard, streams, task } = device({ nominalRate: 512 })
  for (let read = 0; read < 4; read++) {
    data(Object.fromEntries(ramp(0, 8).map((c) => [`ch${c}`, Int16Array.from(ramp(read * 16, 16))])), read * 31)
    await task()
  }
  t.equal(heard.length, 8)
  for (const { values } of heard) t.strictSame(values, ramp(0, 64))
  t.equal(streams[0]?.getDataTracks()[0]?.description.format, 'int16')
})

t.test('a WebSocket or an EventSource: objects with changing keys', async (t) => {
  const { data, heard, errors, task } = device()
  const messages = [{ a: 1, b: 2 }, { a: 3 }, { b: 4, c: 'text' }, { a: 5, b: 6 }, { c: 'more' }, { a: 7, b: 8 }]
  for (const [i, message] of messages.entries()) {
    data(message, 1_000 + i * 40)
    await task()
  }
  await task(150)
  const numbers = (key: string) => valuesOf(heard, key).filter((value) => !Number.isNaN(value))
  t.strictSame(
    [numbers('a'), numbers('b'), numbers('c')],
    [
      [1, 3, 5, 7],
      [2, 4, 6, 8],
      ['text', 'more'],
    ],
  )
  t.strictSame(errors, [])
})

t.test('missing, repeated and decreasing timestamps lose no samples', async (t) => {
  const { data, heard, task, timers } = device({ nominalRate: 100 })
  const stamps = [[5], [5], [], [3], [9, 9], [undefined]]
  for (const [i, stamp] of stamps.entries()) {
    data({ a: [i, i], b: [i, i] }, stamp)
    await task()
  }
  t.equal(heard.length, 2)
  const { values, timestamps, together } = of(heard, 'a')[0] as Heard
  t.strictSame(together, ['a', 'b'])
  t.strictSame(values, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
  t.strictSame(timestamps.slice(0, 4), [5, 5, 5, 5])
  t.strictSame(timestamps.slice(6, 10), [3, 3, 9, 9])
  for (const stamp of [...timestamps.slice(4, 6), ...timestamps.slice(10)]) {
    t.ok(Math.abs(stamp - timers.ms) <= 10, `${stamp} is the current time`)
  }
})

t.test('December 2021: raw values of tracks in a list', async (t) => {
  const { outbox, heard } = loop()
  const timers = new TestTimers()
  const stream = new OldStream()
  const tracks = ['a', 'b', 'c'].map((label) => Object.assign(new OldTrack(label), { id: 'device' }))
  for (const track of tracks) stream.addTrack(track)
  new OutgoingPublication(sourceOf(stream, { timers }), 'old', {}, outbox)
  for (let i = 0; i < 5; i++) {
    for (const [c, track] of tracks.entries()) track.addData(i * 3 + c)
    await timers.over()
  }
  t.strictSame(
    heard.map(({ label, together, values }) => [label, together, values]),
    ['a', 'b', 'c'].map((label, c) => [label, ['a', 'b', 'c'], ramp(0, 5).map((i) => i * 3 + c)]),
  )
})

t.test('December 2021: each track without a device becomes its own stream at once', async (t) => {
  const { outbox, heard } = loop()
  const timers = new TestTimers()
  const stream = new OldStream()
  const tracks = ['a', 'b'].map((label) => new OldTrack(label))
  for (const track of tracks) stream.addTrack(track)
  new OutgoingPublication(sourceOf(stream, { timers }), 'old', {}, outbox)
  t.strictSame(
    heard.map(({ together }) => together),
    [['a'], ['b']],
  )
  tracks[0]?.addData('text')
  tracks[1]?.addData(Float32Array.of(1, 2))
  await timers.over()
  t.strictSame(
    heard.map(({ values }) => values),
    [['text'], [1, 2]],
  )
})
