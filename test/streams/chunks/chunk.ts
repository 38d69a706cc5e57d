import { Encoder } from '@msgpack/msgpack'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { samplesPerChunk } from '../../../src/streams/chunks/chunk.ts'
import { layouts, type NumericArray, type NumericFormat } from '../../../src/streams/description/formats.ts'
import {
  type ChunkLayout,
  encodeChunk,
  type Format,
  MAX_CHUNK_BYTES,
  readChunk,
  type Samples,
  StreamError,
  unpackChunk,
} from '../../../src/streams/mod.ts'
import { anyCharacter } from '../../fixture/any-character.ts'

const layout = (format: Format, channels: number, nominalRate = 0): ChunkLayout => ({
  format,
  nominalRate,
  timeUnit: 'ms',
  channels: Array.from({ length: channels }, (_, i) => ({ label: `${i}`, unit: '', type: '' })),
})
const numeric = Object.keys(layouts) as NumericFormat[]
const bytesOf = ({ buffer, byteOffset, byteLength }: NumericArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Copies bytes to an offset in a larger buffer, as they arrive in a message. */
function travel(bytes: Uint8Array, shift: number): Uint8Array {
  const larger = new Uint8Array(bytes.length + 16)
  larger.set(bytes, shift)
  return larger.subarray(shift, shift + bytes.length)
}

/** Returns any bits as values of the format. */
function valuesFrom(format: NumericFormat, bits: Uint8Array, count: number): NumericArray {
  const { make, over, bytes } = layouts[format]
  const raw = Uint8Array.from({ length: count * bytes }, (_, i) => bits[i % bits.length] as number)
  return count === 0 ? make(0) : over(raw.buffer, count)
}

const head = fc.record({
  stream: fc.nat(),
  first: fc.maxSafeInteger().map((value) => Math.abs(value) % (Number.MAX_SAFE_INTEGER - 1000)),
  shift: fc.nat(15),
})

for (const format of numeric) {
  t.test(`${format} values arrive bit for bit, including NaN payloads and −0`, async (t) => {
    fc.assert(
      fc.property(
        head,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 20 }),
        fc.uint8Array({ minLength: 1 }),
        fc.uint8Array({ minLength: 8 }),
        ({ stream, first, shift }, channels, count, bits, stampBits) => {
          const data = valuesFrom(format, bits, channels * count)
          const timestamps = valuesFrom('float64', stampBits, count) as Float64Array<ArrayBuffer>
          const described = layout(format, channels, 250)
          const header = readChunk(travel(encodeChunk(stream, { data, timestamps, first }, described), shift))
          const samples = unpackChunk(header, described)
          t.equal(header.stream, stream)
          t.equal(samples.first, first)
          t.equal(samples.data.constructor, data.constructor)
          t.strictSame(bytesOf(samples.data as NumericArray), bytesOf(data))
          t.strictSame(bytesOf(samples.timestamps), bytesOf(timestamps))
        },
      ),
      { numRuns: 60 },
    )
  })
}

t.test('strings arrive unchanged', async (t) => {
  fc.assert(
    fc.property(
      head,
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.string({ unit: anyCharacter }), { minLength: 1 }),
      ({ stream, first, shift }, channels, texts) => {
        const data = Array.from({ length: channels }, () => texts).flat()
        const timestamps = Float64Array.from(texts, (_, i) => i)
        const described = layout('string', channels)
        const header = readChunk(travel(encodeChunk(stream, { data, timestamps, first }, described), shift))
        t.strictSame(unpackChunk(header, described).data, data)
      },
    ),
    { numRuns: 100 },
  )
})

t.test('a chunk omits timestamps that the rate gives exactly', async (t) => {
  const described = layout('float32', 64, 1000)
  const timestamps = Float64Array.from({ length: 20 }, (_, i) => 1_700_000_000_000 + i)
  const samples = { data: new Float32Array(64 * 20), timestamps, first: 0 }
  const bytes = encodeChunk(1, samples, described)
  t.ok(bytes.length <= 64 * 20 * 4 * 1.02, `${bytes.length} bytes for 5,120 bytes of samples`)
  t.strictSame(unpackChunk(readChunk(bytes), described).timestamps, timestamps)
  timestamps[7] = 1_700_000_000_007.001
  const explicit = encodeChunk(1, samples, described)
  t.equal(explicit.length, bytes.length + 20 * 8)
  t.strictSame(unpackChunk(readChunk(explicit), described).timestamps, timestamps)
})

t.test('a chunk omits regular timestamps in seconds too', async (t) => {
  const described: ChunkLayout = { ...layout('float32', 1, 256), timeUnit: 's' }
  const timestamps = Float64Array.from({ length: 20 }, (_, i) => 1_700_000_000.5 + i * (1 / 256))
  const samples = { data: new Float32Array(20), timestamps, first: 0 }
  const bytes = encodeChunk(1, samples, described)
  t.ok(bytes.length < 20 * 4 + 40, `${bytes.length} bytes`)
  t.strictSame(unpackChunk(readChunk(bytes), described).timestamps, timestamps)
  t.equal(encodeChunk(1, samples, { ...described, timeUnit: 'ms' }).length, bytes.length + 20 * 8)
})

t.test('a timestamp of −0 keeps its sign', async (t) => {
  const described = layout('int24', 1, 250)
  const data = Int32Array.of(-1, 8_388_607, -8_388_608)
  const bytes = encodeChunk(1, { data, timestamps: Float64Array.of(-0, 4, 8), first: 0 }, described)
  const samples = unpackChunk(readChunk(bytes), described)
  t.ok(Object.is(samples.timestamps[0], -0))
  t.strictSame([...samples.data], [...data], 'every int24 keeps its sign')
  t.strictSame([...bytes.slice(-9)], [255, 255, 255, 255, 255, 127, 0, 0, 128])
})

t.test('samplesPerChunk samples fit into 16 KiB, with timestamps', async (t) => {
  for (const format of numeric) {
    for (const channels of [1, 3, 64, 256]) {
      const described = layout(format, channels)
      const count = samplesPerChunk(described)
      const data = layouts[format].make(count * channels)
      const timestamps = Float64Array.from({ length: count }, Math.random)
      const bytes = encodeChunk(2 ** 32 - 1, { data, timestamps, first: 2 ** 52 }, described)
      t.ok(bytes.length <= MAX_CHUNK_BYTES, `${format} × ${channels}: ${bytes.length}`)
    }
  }
})

t.test('a chunk of another msgpack library is read', async (t) => {
  const described = layout('int16', 2)
  const payload = new Uint8Array([1, 0, 255, 255])
  const bytes = new Encoder({ useBigInt64: true }).encode([3, 70_000, 0.5, 1, 0, payload])
  const samples = unpackChunk(readChunk(bytes), described)
  t.strictSame(samples, { data: new Int16Array([1, -1]), timestamps: new Float64Array([0.5]), first: 70_000 })
})

t.test('hostile chunks are rejected', async (t) => {
  const good = encodeChunk(1, sampleOf([1, 2, 3]), layout('float64', 1))
  for (let length = 0; length < good.length; length++) refused(t, good.slice(0, length), `cut at ${length}`)
  refused(t, Uint8Array.of(...good, 0), 'bytes behind its end')
  refused(t, new Uint8Array(200_000).fill(0x96), 'deep nesting')
  const wide = new Uint8Array(200_000)
  for (let i = 0; i < wide.length; i += 5) wide.set([0xdd, 0, 3, 0, 0], i)
  refused(t, wide, 'arrays that declare much')
  refused(t, Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff), 'an array of 4 GiB')
  refused(
    t,
    Uint8Array.of(0x96, 1, 1, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0xc6, 0xff, 0xff, 0xff, 0xff),
    'bin of 4 GiB',
  )
  const payload = new Uint8Array(8)
  const cases: Record<string, unknown[]> = {
    'a negative number': [1, -1, 0, 1, 0, payload],
    'a fraction': [1, 0.5, 0, 1, 0, payload],
    'a stream that is none': ['x', 0, 0, 1, 0, payload],
    'no samples': [1, 0, 0, 0, 0, new Uint8Array(0)],
    'too many samples': [1, 0, 0, 2 ** 50, 0, payload],
    'too many stamps': [1, 0, 0, 2 ** 50, 1, payload],
    'numbers beyond 2^53': [1, Number.MAX_SAFE_INTEGER, 0, 1, 0, payload],
    'an unknown flag': [1, 0, 0, 1, 2, payload],
    'text as payload': [1, 0, 0, 1, 0, 'text'],
    'a long payload': [1, 0, 0, 1, 0, new Uint8Array(9)],
    'seven elements': [1, 0, 0, 1, 0, payload, 1],
  }
  for (const [name, message] of Object.entries(cases)) refused(t, new Encoder().encode(message), name)
})

t.test('hostile strings are rejected', async (t) => {
  const described = layout('string', 1)
  const take = (payload: number[], samples = 1) =>
    unpackChunk({ stream: 1, first: 0, timestamp: 0, samples, flags: 0, payload: Uint8Array.from(payload) }, described)
  t.strictSame(take([0x91, 0xa1, 0x61]).data, ['a'])
  t.strictSame(take([0xdc, 0, 1, 0xd9, 1, 0x61]).data, ['a'])
  for (const [name, payload] of Object.entries({
    'a nested array': [0x91, 0x91, 0xa0],
    'arrays that declare much': [0x91, 0xdd, 0xff, 0xff, 0xff, 0xff],
    'a number': [0x91, 1],
    'another count': [0x92, 0xa0, 0xa0],
    'a string that is cut': [0x91, 0xa2, 0x61],
    'a string of 4 GiB': [0x91, 0xdb, 0xff, 0xff, 0xff, 0xff],
    'no UTF-8': [0x91, 0xa1, 0xff],
    'bytes behind': [0x91, 0xa0, 0],
  })) {
    t.throws(() => take(payload), { code: 'bad-chunk' }, name)
  }
})

t.test('random bytes throw a StreamError or nothing', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom<Format>(...numeric, 'string'), (tail, format) => {
      try {
        unpackChunk(readChunk(Uint8Array.of(0x96, ...tail)), layout(format, 1))
      } catch (error) {
        if (!(error instanceof StreamError)) t.fail(String(error))
      }
    }),
    { numRuns: 2_000 },
  )
})

const sampleOf = (values: number[]): Samples => ({
  data: Float64Array.from(values),
  timestamps: Float64Array.from(values, () => Math.random()),
  first: 0,
})

function refused(t: Test, bytes: Uint8Array, name: string): void {
  t.throws(() => unpackChunk(readChunk(bytes), layout('float64', 1)), { name: 'StreamError', code: 'bad-chunk' }, name)
}
