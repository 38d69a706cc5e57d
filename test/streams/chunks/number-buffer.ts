import t from 'tap'
import { checkDescription, encodeChunk, type Format, StreamWriter } from '../../../src/streams/mod.ts'
import { setUpWriter } from '../fixture/writer.ts'

t.test('a full chunk is emitted at once', async (t) => {
  const { writer, sent } = setUpWriter('float64')
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

t.test('the extreme values of each format fit', async (t) => {
  const cases: [Format, unknown[]][] = [
    ['float32', [Number.NaN, Number.POSITIVE_INFINITY, -0]],
    ['int8', [127, -128]],
    ['int24', [8_388_607, -8_388_608]],
    ['int64', [2n ** 63n - 1n, -(2n ** 63n)]],
  ]
  for (const [format, values] of cases) {
    const { writer, sent } = setUpWriter(format)
    writer.add(values, [1])
    writer.flush()
    t.strictSame(sent[0]?.data, values, format)
  }
})

t.test('a NaN keeps its payload if the array has the stream’s own format', async (t) => {
  const bits = new Uint32Array([0x0000beef, 0x7ff80000])
  let arrived: Uint8Array | undefined
  const writer = new StreamWriter({
    description: setUpWriter('float64').writer.description,
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
