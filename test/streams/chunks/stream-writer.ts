import t from 'tap'
import {
  checkDescription,
  encodeChunk,
  type Format,
  type Samples,
  type StreamDescription,
  type StreamError,
  StreamWriter,
} from '../../../src/streams/mod.ts'

interface Sent {
  data: unknown[]
  timestamps: number[]
  first: number
  format: Format
}

function setUp(format?: Format, channels = 1, nominalRate = 0, timeUnit: 's' | 'ms' = 'ms') {
  const sent: Sent[] = []
  const described: StreamDescription[] = []
  const refused: { error: StreamError; samples: number }[] = []
  const writer = new StreamWriter({
    description: checkDescription({
      name: 'test',
      type: '',
      nominalRate,
      timeUnit,
      format: format ?? 'float64',
      sourceId: '',
      channels: Array.from({ length: channels }, () => ({ label: '', unit: '', type: '' })),
    }),
    infer: format === undefined,
    emit: ({ data, timestamps, first }: Samples, { format }) =>
      sent.push({ data: Array.from<unknown>(data), timestamps: [...timestamps], first, format }),
    describe: (description) => described.push(description),
    refuse: (error, samples) => refused.push({ error, samples }),
  })
  return { writer, sent, described, refused }
}

t.test('samples that are added within one task are emitted together, in order', async (t) => {
  const { writer, sent } = setUp()
  writer.add([1], [10])
  writer.add([2, 3], [20, 30])
  t.strictSame(sent, [])
  await Promise.resolve()
  t.strictSame(sent, [{ data: [1, 2, 3], timestamps: [10, 20, 30], first: 0, format: 'float64' }])
  writer.add([4], [40])
  await Promise.resolve()
  t.strictSame(sent[1], { data: [4], timestamps: [40], first: 3, format: 'float64' })
})

t.test('a full chunk is emitted at once', async (t) => {
  const { writer, sent } = setUp('float64')
  const values = Float64Array.from({ length: 2_500 }, (_, i) => i)
  writer.add(values, Array.from(values))
  t.equal(sent.length, 2)
  writer.flush()
  t.strictSame(
    sent.flatMap(({ data }) => data),
    Array.from(values),
  )
  t.strictSame(
    sent.map(({ first }) => first),
    sent.map((_, i) => i * (sent[0]?.data.length ?? 0)),
  )
})

t.test('the first value sets the format if none is given', async (t) => {
  const cases: [unknown[], Format, unknown[]][] = [
    [[1.5, 2], 'float64', [1.5, 2]],
    [[1n, -5n], 'int64', [1n, -5n]],
    [['a', 'ä'], 'string', ['a', 'ä']],
    [[Float32Array.of(0.1, 0.2)], 'float32', [Math.fround(0.1), Math.fround(0.2)]],
    [[Uint8Array.of(255)], 'int16', [255]],
    [[Int16Array.of(-3), Int16Array.of(4, 5)], 'int16', [-3, 4, 5]],
  ]
  for (const [values, format, arrives] of cases) {
    const { writer, sent, described } = setUp()
    writer.add(values, [1])
    writer.flush()
    t.equal(sent[0]?.format, format)
    t.strictSame(sent[0]?.data, arrives)
    t.equal(described.length, format === 'float64' ? 0 : 1)
  }
})

t.test('a value that no stream can carry does not set the format', async (t) => {
  const { writer, sent, refused } = setUp()
  writer.add([{}, null, true, 'text'], [1, 2, 3, 4])
  writer.flush()
  t.strictSame(sent, [{ data: ['text'], timestamps: [4], first: 0, format: 'string' }])
  t.equal(refused.length, 3)
})

t.test('a value that does not fit the format is rejected and counted, never changed', async (t) => {
  const cases: [Format, unknown[]][] = [
    ['float64', ['1', 1n, {}, null]],
    ['float32', [1e300, '1']],
    ['int8', [128, -129, 0.5, Number.NaN]],
    ['int16', [32_768, -32_769]],
    ['int24', [8_388_608, -8_388_609]],
    ['int32', [2 ** 31, -(2 ** 31) - 1, Number.POSITIVE_INFINITY]],
    ['int64', [2n ** 63n, 2 ** 53, 0.5]],
    ['string', [1, '\ud800', 'x'.repeat(300_000)]],
  ]
  for (const [format, values] of cases) {
    const { writer, sent, refused } = setUp(format)
    writer.add(values, [1])
    writer.flush()
    t.strictSame(sent, [], format)
    t.equal(refused.length, values.length)
    for (const { error } of refused) t.match(error, { code: 'bad-value', message: /^Cannot accept/ })
    t.equal(writer.samples, 0)
  }
})

t.test('the extreme values of each format fit', async (t) => {
  const cases: [Format, unknown[]][] = [
    ['float32', [Number.NaN, Number.POSITIVE_INFINITY, -0]],
    ['int8', [127, -128]],
    ['int24', [8_388_607, -8_388_608]],
    ['int64', [2n ** 63n - 1n, -(2n ** 63n)]],
  ]
  for (const [format, values] of cases) {
    const { writer, sent } = setUp(format)
    writer.add(values, [1])
    writer.flush()
    t.strictSame(sent[0]?.data, values, format)
  }
})

t.test('holes are skipped, with their timestamps', async (t) => {
  const { writer, sent, refused } = setUp()
  const sparse: number[] = []
  sparse[2] = 7
  sparse[4] = 9
  writer.add(sparse, [1, 2, 3, 4, 5])
  writer.flush()
  t.strictSame(sent[0], { data: [7, 9], timestamps: [3, 5], first: 0, format: 'float64' })
  t.strictSame(refused, [])
})

t.test('the last timestamp replaces missing ones', async (t) => {
  const { writer, sent } = setUp()
  writer.add([1, 2, 3], [5, 6])
  writer.add([4, 5], 9)
  writer.flush()
  t.strictSame(sent[0]?.timestamps, [5, 6, 6, 9, 9])
})

t.test('without timestamps, the last sample is of now', async (t) => {
  const before = Date.now()
  const { writer, sent } = setUp('float64', 1, 250)
  writer.add([1, 2, 3])
  writer.flush()
  const [first, second, third] = (sent[0] as Sent).timestamps as [number, number, number]
  t.ok(Math.abs(third - before) < 1_000)
  t.ok(Math.abs(second - first - 4) < 0.01 && Math.abs(third - second - 4) < 0.01)
})

t.test('without timestamps, the last sample is of now in seconds too', async (t) => {
  const { writer, sent } = setUp('float64', 1, 250, 's')
  writer.add([1, 2])
  writer.flush()
  writer.add([3], ['no number'])
  writer.flush()
  const [first, second] = (sent[0] as Sent).timestamps as [number, number]
  t.ok(Math.abs(second - Date.now() / 1000) < 1)
  t.ok(Math.abs(second - first - 0.004) < 1e-5)
  t.ok(Math.abs((sent[1]?.timestamps[0] ?? 0) - second) < 1)
})

t.test('samples of several channels are taken row by row', async (t) => {
  const { writer, sent, refused } = setUp('int16', 3)
  writer.add([1, 2, 3, 4, 70_000, 6, 7, 8, 9], [1, 2, 3])
  writer.add([1, 2], [4])
  writer.flush()
  t.strictSame(sent, [{ data: [1, 2, 3, 7, 8, 9], timestamps: [1, 3], first: 0, format: 'int16' }])
  t.strictSame(
    refused.map(({ samples }) => samples),
    [1, 1],
  )
})

t.test('a NaN keeps its payload if the array has the stream’s own format', async (t) => {
  const bits = new Uint32Array([0x0000beef, 0x7ff80000])
  let arrived: Uint8Array | undefined
  const writer = new StreamWriter({
    description: setUp('float64').writer.description,
    infer: false,
    emit: ({ data }) => {
      const { buffer, byteOffset } = data as Float64Array<ArrayBuffer>
      arrived = new Uint8Array(buffer.slice(byteOffset, byteOffset + 8))
    },
    describe: () => {},
    refuse: () => {},
  })
  writer.add(new Float64Array(bits.buffer), [1])
  writer.flush()
  t.strictSame(arrived, new Uint8Array(bits.buffer))
})

t.test('each long text has its own chunk', async (t) => {
  const { writer, sent } = setUp('string')
  const text = 'x'.repeat(10_000)
  writer.add([text, text, text, 'y'.repeat(200_000)], [1, 2, 3, 4])
  writer.flush()
  t.strictSame(
    sent.map(({ data }) => data.length),
    [1, 1, 1, 1],
  )
})

t.test('chunks of regular samples have only values', async (t) => {
  const chunks: Uint8Array[] = []
  let samples = 0
  const channels = [{ label: '', unit: '', type: '' }]
  const description = checkDescription({
    name: '',
    type: '',
    nominalRate: 1_000,
    format: 'float32',
    sourceId: '',
    channels,
  })
  const writer = new StreamWriter({
    description,
    infer: false,
    emit: (chunk, described) => {
      chunks.push(encodeChunk(1, chunk, described))
      samples += chunk.timestamps.length
    },
    describe: () => {},
    refuse: (error) => t.fail(error.message),
  })
  writer.add(new Float32Array(100_000))
  writer.flush()
  t.equal(samples, 100_000)
  // Six bytes are left for the prefix of chunks on channels where they may overtake each other.
  t.ok(chunks.every(({ length }) => length <= 16_384 - 6))
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0)
  t.ok(bytes < 100_000 * 4 * 1.01, `${bytes} bytes for 400,000 bytes of samples`)
})

t.test('chunks of strings fit into 16 KiB, with their header and the prefix', async (t) => {
  const lengths: number[] = []
  const description = checkDescription({
    name: 'log',
    type: '',
    nominalRate: 0,
    format: 'string',
    sourceId: '',
    channels: [{ label: '', unit: '', type: '' }],
  })
  const writer = new StreamWriter({
    description,
    infer: false,
    emit: (chunk, described) => lengths.push(encodeChunk(2 ** 20, { ...chunk, first: 2 ** 40 }, described).length),
    describe: () => {},
    refuse: (error) => t.fail(error.message),
  })
  for (const length of [1, 15, 16, 100, 8_000]) {
    const values = Array.from({ length: Math.ceil(50_000 / length) }, () => 'x'.repeat(length))
    writer.add(
      values,
      values.map((_, i) => i * i),
    )
    writer.flush()
  }
  t.ok(Math.max(...lengths) <= 16_384 - 6 && Math.max(...lengths) > 16_000, `${Math.max(...lengths)} bytes`)
})
