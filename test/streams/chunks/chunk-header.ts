import { isDeepStrictEqual } from 'node:util'
import { Decoder, decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { MAX_HEADER_BYTES, readElements, readUsual, writeHeader } from '../../../src/streams/chunks/chunk-header.ts'
import { MAX_MESSAGE_BYTES, StreamError } from '../../../src/streams/mod.ts'

/** The decoder for chunks that are not in the usual forms. `readElements` must read and reject chunks as it does. */
const general = new Decoder({
  maxArrayLength: 6,
  maxMapLength: 0,
  maxStrLength: 0,
  maxExtLength: 0,
  maxBinLength: MAX_MESSAGE_BYTES,
})

/** The type byte and the bytes of a value, in one of msgpack's forms. */
const form = (type: number, width: number, write: (view: DataView) => void): number[] => {
  const bytes = new Uint8Array(width)
  write(new DataView(bytes.buffer))
  return [type, ...bytes]
}
const bits = (count: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(count) - 1n })
const integers = (type: number, width: number) =>
  bits(width * 8).map((value) =>
    form(type, width, (view) => {
      for (let i = 0; i < width; i++) view.setUint8(width - 1 - i, Number((value >> BigInt(8 * i)) & 0xffn))
    }),
  )
/** Numbers in the forms that senders use: the shortest ones, and longer ones than needed. */
const usual = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }).map((value) => [value]),
  ...[0xcc, 0xcd, 0xce, 0xcf].map((type, i) => integers(type, 2 ** i)),
  fc.double().map((value) => form(0xcb, 8, (view) => view.setFloat64(0, value))),
)
/** Numbers in all forms. */
const numbers = fc.oneof(
  usual,
  fc.integer({ min: 0xe0, max: 0xff }).map((value) => [value]),
  ...[0xd0, 0xd1, 0xd2, 0xd3].map((type, i) => integers(type, 2 ** i)),
  fc.float().map((value) => form(0xca, 4, (view) => view.setFloat32(0, value))),
)
const payloads = fc
  .tuple(fc.uint8Array({ maxLength: 40 }), fc.constantFrom<[number, number]>([0xc4, 1], [0xc5, 2], [0xc6, 4]))
  .map(([bytes, [type, width]]) => [...form(type, width, (view) => view.setUint8(width - 1, bytes.length)), ...bytes])
const headersOf = (start: fc.Arbitrary<number[]>, fields: fc.Arbitrary<number[]>) =>
  fc
    .tuple(start, fc.array(fields, { minLength: 5, maxLength: 5 }), payloads)
    .map(([first, five, payload]) => [...first, ...five.flat(), ...payload])
const usualHeaders = headersOf(fc.constant([0x96]), usual)
const headers = headersOf(fc.constantFrom([0x96], [0xdc, 0, 6], [0xdd, 0, 0, 0, 6]), numbers)

t.test('readElements reads a header in any form as a general decoder does', async (t) => {
  fc.assert(
    fc.property(headers, fc.nat(15), (header, shift) => {
      const bytes = Uint8Array.from([...new Uint8Array(shift), ...header, 1]).subarray(shift, -1)
      const read = readElements(bytes)
      if (!isDeepStrictEqual(read, decode(bytes))) t.fail(`${Buffer.from(bytes).toString('hex')} gives ${read}`)
      if ((read[5] as Uint8Array).buffer !== bytes.buffer) t.fail('the payload is a copy')
    }),
    { numRuns: 3_000 },
  )
})

t.test('readUsual reads the usual forms without a general decoder', async (t) => {
  fc.assert(
    fc.property(usualHeaders, (header) => {
      const bytes = Uint8Array.from(header)
      const read = readUsual(bytes)
      if (!isDeepStrictEqual(read, decode(bytes))) t.fail(`${Buffer.from(bytes).toString('hex')} gives ${read}`)
    }),
    { numRuns: 1_000 },
  )
})

t.test('readElements reads what other encoders write', async (t) => {
  const anything = fc.oneof(
    fc.nat(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.uint8Array(),
    fc.constant(null),
    fc.boolean(),
  )
  fc.assert(
    fc.property(fc.array(anything, { minLength: 1, maxLength: 6 }), (elements) => {
      const bytes = encode(elements)
      t.ok(isDeepStrictEqual(readElements(bytes), decode(bytes)))
    }),
    { numRuns: 500 },
  )
})

t.test('readElements rejects cut, changed and invalid headers as the general decoder does', async (t) => {
  const cut = fc.tuple(headers, fc.nat()).map(([header, at]) => header.slice(0, at % header.length))
  const changed = fc
    .tuple(headers, fc.nat(), fc.nat({ max: 255 }))
    .map(([header, at, byte]) => header.with(at % header.length, byte))
  const longer = fc.tuple(headers, fc.nat({ max: 255 })).map(([header, byte]) => [...header, byte])
  const junk = fc.uint8Array({ maxLength: 60 }).map((tail) => [0x96, ...tail])
  let refusals = 0
  fc.assert(
    fc.property(fc.oneof(cut, changed, longer, junk), (all) => {
      const bytes = Uint8Array.from(all)
      const read = outcome(() => readElements(bytes))
      const expected = outcome(() => general.decode(bytes))
      if (read instanceof Error) {
        refusals++
        const isRight = read instanceof StreamError && read.code === 'bad-chunk' && !isPlain(expected)
        if (!isRight) t.fail(`${Buffer.from(bytes).toString('hex')}: ${read.message}`)
        return
      }
      // Other elements, such as strings, may differ: `readChunk` rejects them by their types.
      if ((isPlain(read) || isPlain(expected)) && !isDeepStrictEqual(read, expected)) {
        t.fail(`${Buffer.from(bytes).toString('hex')} gives ${read}`)
      }
    }),
    { numRuns: 3_000 },
  )
  t.ok(refusals > 500, `${refusals} headers were rejected`)
})

t.test('a payload that is too long is rejected', async (t) => {
  const bytes = new Uint8Array(11 + MAX_MESSAGE_BYTES + 1)
  bytes.set([0x96, 0, 0, 0, 1, 0, 0xc6])
  new DataView(bytes.buffer).setUint32(7, MAX_MESSAGE_BYTES + 1)
  t.throws(() => readElements(bytes), {
    code: 'bad-chunk',
    message: /^Cannot read a chunk: its payload has more than 262144 bytes/,
  })
})

t.test('readElements and other decoders read what writeHeader writes', async (t) => {
  const counts = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 2 ** 32 - 1 }))
  const firsts = fc.oneof(counts, fc.maxSafeInteger().map(Math.abs))
  fc.assert(
    fc.property(
      fc.tuple(counts, firsts, fc.double(), counts, fc.nat({ max: 1 })),
      fc.nat({ max: 70_000 }),
      (fields, length) => {
        const bytes = writeHeader(...fields, length)
        const elements = [...fields, new Uint8Array(length)]
        const areRead = [decode(bytes), readElements(bytes)].every((read) => isDeepStrictEqual(read, elements))
        if (!areRead || bytes.length > MAX_HEADER_BYTES + length) t.fail(`${fields} and ${length} bytes`)
      },
    ),
    // The examples are where one form of integers ends and the next begins.
    {
      numRuns: 500,
      examples: [
        [[127, 2 ** 32, -0, 128, 0], 0],
        [[2 ** 32, 2 ** 53 - 1, Number.NaN, 1, 1], 1],
      ],
    },
  )
})

/** Whether a value is what a chunk can be: up to six numbers and payloads. */
const isPlain = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length <= 6 &&
  value.every((element) => typeof element === 'number' || element instanceof Uint8Array)

function outcome(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
