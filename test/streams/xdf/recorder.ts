import t from 'tap'
import { parseXdf, Recorder, type StreamDescription, XdfError, XdfReader } from '../../../src/streams/mod.ts'
import { sink } from '../fixture/sink.ts'

const description: StreamDescription = {
  ...{ name: 'EEG', type: 'EEG', nominalRate: 2, timeUnit: 'ms', format: 'int24', sourceId: 'amp' },
  channels: [{ label: 'Fp1', unit: 'µV', type: 'EEG' }],
}
const run = (start: number, ...values: number[]) => ({
  data: Int32Array.from(values),
  timestamps: Float64Array.from(values, (_, i) => start + i * 500),
  first: 0,
})

/** The kinds of the chunks in a file, in order. */
function kinds(bytes: Uint8Array): string[] {
  const found: string[] = []
  for (let at = 4; at < bytes.length; ) {
    const width = bytes[at] as number
    const view = new DataView(bytes.buffer, at)
    const length = width === 1 ? view.getUint8(1) : view.getUint32(1, true)
    found.push(
      ['', 'file', 'header', 'samples', 'offset', 'boundary', 'footer'][view.getUint16(1 + width, true)] as string,
    )
    at += 1 + width + length
  }
  return found
}

t.test('a recording has headers, samples, offsets, boundaries and footers, as LabRecorder writes them', async (t) => {
  let now = 1000
  const { writable, bytes } = sink()
  const recorder = new Recorder(writable, () => now)
  const stream = await recorder.addStream(description, { createdAt: 5, uid: 'u', hostname: 'Ada', sessionId: 'lab' })
  const empty = await recorder.addStream({ ...description, name: 'empty' })
  await stream.write(run(1_000, -8_388_608, 8_388_607))
  now += 5
  await stream.clockOffset({ time: 1, offset: 3.5 })
  now += 5
  await stream.write(run(2_000, 3))
  await stream.write(run(2_500))
  now += 30
  await stream.write(run(2_500, 4))
  await recorder.close()
  await recorder.closed
  t.strictSame(kinds(bytes()), [
    ...['file', 'header', 'header', 'samples', 'offset', 'boundary', 'samples', 'boundary', 'samples'],
    ...['footer', 'footer'],
  ])
  t.strictSame(recorder.stats(), { streams: 2, samples: 4, bytes: bytes().length })
  const { streams, header } = parseXdf(bytes())
  t.match(
    header?.children.map(({ name, text }) => [name, text]),
    [
      ['version', '1.0'],
      ['datetime', '1970-01-01T00:16:40.000Z'],
    ],
  )
  const [first, second] = [...streams.values()]
  t.strictSame(first?.data, Int32Array.of(-8_388_608, 8_388_607, 3, 4))
  t.strictSame([...(first?.timestamps ?? [])], [1, 1.5, 2, 2.5])
  t.strictSame(first?.description, { ...description, timeUnit: 's' })
  t.strictSame(first?.origin, { createdAt: 5, uid: 'u', hostname: 'Ada', sessionId: 'lab' })
  t.match(
    first?.header.children.find(({ name }) => name === 'channel_format'),
    { text: 'int32' },
  )
  t.strictSame(first?.footer, {
    ...{ firstTimestamp: 1, lastTimestamp: 2.5, sampleCount: 4, measuredRate: 2 },
    clockOffsets: [{ time: 1, offset: 3.5 }],
  })
  t.match(second?.footer, { firstTimestamp: undefined, sampleCount: 0, clockOffsets: [] })
  t.equal(empty.lastTimestamp, undefined)
  await t.rejects(stream.write(run(0, 1)), { code: 'bad-value' }, 'an ended stream rejects samples')
})

t.test('a recording that is cut off can be read up to its last chunk', async (t) => {
  const { writable, bytes } = sink()
  const recorder = new Recorder(writable, () => 0)
  const stream = await recorder.addStream(description)
  for (let i = 0; i < 10; i++) await stream.write(run(i * 500, i))
  const crashed = parseXdf(bytes())
  t.strictSame([...crashed.streams.values()][0]?.data, Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
  await recorder.close()
})

t.test('streams can begin and end while others are recorded', async (t) => {
  const { writable, bytes } = sink()
  const recorder = new Recorder(writable, () => 0)
  const first = await recorder.addStream(description)
  await first.write(run(0, 1))
  await first.end()
  await first.end()
  const second = await recorder.addStream(description)
  await second.write(run(500, 2))
  await recorder.close()
  t.strictSame(kinds(bytes()), ['file', 'header', 'samples', 'footer', 'header', 'samples', 'footer'])
  t.equal(parseXdf(bytes()).streams.size, 2)
})

t.test('a full disk stops the recording, and what was written can be read', async (t) => {
  for (const room of [0, 3, 200, 1_200, 1_500]) {
    const { writable, bytes } = sink(room)
    const recorder = new Recorder(writable, () => 0)
    const failing = async () => {
      const stream = await recorder.addStream(description)
      for (let i = 0; i < 100; i++) await stream.write(run(i * 500, i))
    }
    const error = { code: 'recording-failed', message: 'Cannot write the recording: ENOSPC: no space left on device' }
    await t.rejects(failing(), error, `${room} bytes`)
    await t.rejects(recorder.close(), error)
    await t.rejects(recorder.closed, error)
    const partial = partOf(bytes())
    const values = [...partial.streams.values()].flatMap(({ data }) => [...(data as Int32Array)])
    t.strictSame(
      values,
      values.map((_, i) => i),
    )
    if (room >= 1_200) t.ok(values.length > 5, `${values.length} samples`)
  }
})

t.test('writers wait for a slow destination', async (t) => {
  const waiting: (() => void)[] = []
  const writable = new WritableStream<Uint8Array>({ write: () => new Promise((resolve) => waiting.push(resolve)) })
  const recorder = new Recorder(writable, () => 0)
  let written = 0
  const writing = (async () => {
    const stream = await recorder.addStream(description)
    for (; written < 5; written++) await stream.write(run(0, 1))
    await recorder.close()
  })()
  while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 0))
  t.equal(written, 0)
  const timer = setInterval(() => waiting.shift()?.(), 1)
  await writing
  clearInterval(timer)
  t.equal(written, 5)
})

t.test('chunks that wait for a slow destination are written together', async (t) => {
  const { writable, bytes } = sink()
  const writer = writable.getWriter()
  const writes: (() => void)[] = []
  const recorder = new Recorder(
    new WritableStream({
      async write(piece) {
        await new Promise<void>((resolve) => writes.push(resolve))
        await writer.write(piece)
      },
    }),
    () => 0,
  )
  const record = async (value: number) => {
    const stream = await recorder.addStream(description)
    await stream.write(run(0, value))
    await stream.end()
  }
  const recording = Promise.all(Array.from({ length: 1_000 }, (_, i) => record(i)))
  let count = 0
  const timer = setInterval(() => {
    if (writes.length > 0) count++
    writes.shift()?.()
  }, 0)
  await recording
  clearInterval(timer)
  t.ok(count < 10, `${count} writes`)
  t.strictSame(
    [...parseXdf(bytes()).streams.values()].map(({ data }) => [...(data as Int32Array)]),
    Array.from({ length: 1_000 }, (_, i) => [i]),
  )
})

t.test('a chunk with a wrong number of values is rejected', async (t) => {
  const recorder = new Recorder(sink().writable, () => 0)
  const stream = await recorder.addStream(description)
  await t.rejects(stream.write({ data: Int32Array.of(1), timestamps: Float64Array.of(1, 2), first: 0 }), {
    code: 'bad-value',
    message: 'Cannot write 2 samples: each needs 1 values: there are 1',
  })
  await recorder.close()
})

t.test('a footer repeats a limited number of offsets, and the recording has all of them', async (t) => {
  const { writable, bytes } = sink()
  const recorder = new Recorder(writable, () => 0)
  const stream = await recorder.addStream(description)
  for (let i = 0; i < 5_000; i++) await stream.clockOffset({ time: i, offset: 1 })
  await recorder.close()
  const [read] = parseXdf(bytes()).streams.values()
  t.equal(read?.clockOffsets.length, 5_000)
  t.ok((read?.footer?.clockOffsets.length ?? Infinity) <= 4_096)
})

function partOf(bytes: Uint8Array) {
  try {
    return parseXdf(bytes)
  } catch (error) {
    if (error instanceof XdfError) return error.partial
    throw error
  }
}

t.test('a recording without streams can be read', async (t) => {
  const { writable, bytes } = sink()
  await new Recorder(writable, () => 0).close()
  t.equal(parseXdf(bytes()).streams.size, 0)
  t.equal([...new XdfReader().push(bytes())].length, 1)
})
