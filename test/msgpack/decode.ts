import { isDeepStrictEqual } from 'node:util'
import { DecodeError, decode as decodeTheirs, Encoder } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { decode, Extension, MsgpackError } from '../../src/msgpack/mod.ts'
import { decodeValue, SignalError } from '../../src/protocol/mod.ts'
import { nearly } from '../fixture/fuzz-input.ts'
import { concat, fromHex, toHex } from '../protocol/fixture/bytes.ts'
import { anyValue, asTheirs, nested } from './fixture/arbitrary-values.ts'

/** Random values, and random changes of their bytes. `npm run test:nightly` has 1,000,000. */
const RUNS = Number(process.env.MSGPACK_RUNS ?? 1_000)
t.setTimeout(3_600_000)

const MAX_DEPTH = 32
const encoder = new Encoder()
const encoded = anyValue.map((value) => encoder.encode(asTheirs(value)))

/** Why a value could not be read. */
class Fault {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

t.test('decode reads a value as @msgpack/msgpack does', async () => {
  fc.assert(
    fc.property(encoded, (bytes) => {
      const [own, theirs] = [outcome(() => decode(bytes, MAX_DEPTH)), outcome(() => decodeTheirs(bytes))]
      if (!isDeepStrictEqual(own, theirs)) throw new Error(`${toHex(bytes)} gives ${show(own)} and ${show(theirs)}`)
    }),
    { numRuns: RUNS },
  )
})

t.test('decode rejects what the scan and @msgpack/msgpack reject, for the same reason', async (t) => {
  let rejected = 0
  const junk = fc.oneof(
    { weight: 3, arbitrary: nearly(encoded) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)) },
  )
  fc.assert(
    fc.property(junk, fc.integer({ min: 0, max: 6 }), (bytes, maxDepth) => {
      const own = outcome(() => decode(bytes, maxDepth))
      const theirs = outcome(() => decodeValue(bytes, maxDepth))
      if (own instanceof Fault) rejected++
      if (!isDeepStrictEqual(own, theirs)) throw new Error(`${toHex(bytes)} gives ${show(own)} and ${show(theirs)}`)
    }),
    { numRuns: RUNS },
  )
  t.ok(rejected > RUNS / 10, `${rejected} of ${RUNS} were rejected`)
})

t.test('every form of every type is read, and cut anywhere it is truncated', async (t) => {
  const forms: [hex: string, value: unknown][] = [
    ['7f', 127],
    ['e0', -32],
    ['81 a161 01', { a: 1 }],
    ['81 07 01', { 7: 1 }],
    ['92 01 02', [1, 2]],
    ['a3 616263', 'abc'],
    ['c0', null],
    ['c2', false],
    ['c3', true],
    ['c4 02 0001', fromHex('0001')],
    ['c5 0002 0001', fromHex('0001')],
    ['c6 00000002 0001', fromHex('0001')],
    ['c7 02 05 0001', new Extension(5, fromHex('0001'))],
    ['c8 0002 05 0001', new Extension(5, fromHex('0001'))],
    ['c9 00000002 fe 0001', new Extension(-2, fromHex('0001'))],
    ['ca 3fc00000', 1.5],
    ['cb 3ff8000000000000', 1.5],
    ['cc ff', 255],
    ['cd ffff', 65_535],
    ['ce ffffffff', 2 ** 32 - 1],
    ['cf 001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['d0 80', -128],
    ['d1 8000', -32_768],
    ['d2 80000000', -(2 ** 31)],
    ['d3 ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['d4 05 00', new Extension(5, fromHex('00'))],
    ['d5 05 0000', new Extension(5, fromHex('0000'))],
    ['d6 ff 00000001', new Date(1_000)],
    ['d7 ff 0000000000000001', new Date(1_000)],
    ['d8 05 00000000000000000000000000000000', new Extension(5, new Uint8Array(16))],
    ['c7 0c ff 00000000 ffffffffffffffff', new Date(-1_000)],
    ['d9 02 6162', 'ab'],
    ['da 0002 6162', 'ab'],
    ['db 00000002 6162', 'ab'],
    ['dc 0002 01 02', [1, 2]],
    ['dd 00000002 01 02', [1, 2]],
    ['de 0001 a161 01', { a: 1 }],
    ['df 00000001 a161 01', { a: 1 }],
  ]
  for (const [hex, value] of forms) {
    const bytes = fromHex(hex)
    t.strictSame(decode(bytes, 1), value, hex)
    t.strictSame(decode(concat([0xc1], bytes, [0xc1]).subarray(1, -1), 1), value, `${hex} within other bytes`)
    for (let cut = 0; cut < bytes.length; cut++) {
      t.throws(() => decode(bytes.subarray(0, cut), 1), { code: 'truncated' }, `${hex} cut at ${cut}`)
    }
    t.throws(() => decode(concat(bytes, [0]), 1), { code: 'trailing-bytes' })
  }
})

t.test('integers beyond 2^53 are the nearest numbers', async (t) => {
  for (const hex of ['cf ffffffffffffffff', 'cf 0020000000000001', 'd3 8000000000000000', 'd3 ffdfffffffffffff']) {
    t.equal(decode(fromHex(hex), 0), decodeTheirs(fromHex(hex)), hex)
  }
})

t.test('depth counts arrays and maps with content', async (t) => {
  const bytes = encoder.encode(nested(3, []))
  t.strictSame(decode(bytes, 3), nested(3, []))
  t.throws(() => decode(bytes, 2), { code: 'too-deep', message: 'it is nested deeper than 2' })
  t.throws(() => decode(new Uint8Array(1_000_000).fill(0x91), 32), { code: 'too-deep' })
})

t.test('a length without its bytes allocates nothing', async (t) => {
  const forms = [
    'db ffffffff',
    'c6 ffffffff',
    'c9 ffffffff 05',
    'dd ffffffff',
    'df ffffffff',
    'dd 80000000',
    'df 80000000',
  ]
  const before = memory()
  for (let i = 0; i < 5_000; i++) {
    const bytes = concat(fromHex('dd 00000005'), fromHex(forms[i % forms.length] as string), new Uint8Array(8))
    if (
      !isDeepStrictEqual(
        outcome(() => decode(bytes, 32)),
        new Fault('truncated'),
      )
    )
      t.fail(toHex(bytes))
  }
  const grown = memory() - before
  t.ok(grown < 32 * 2 ** 20, `5,000 messages took ${Math.round(grown / 1024)} KiB`)
})

t.test('keys and strings that other readers refuse are refused', async (t) => {
  const cases: [hex: string, message: RegExp][] = [
    ['81 a9 5f5f70726f746f5f5f 81 a5 61646d696e c3', /__proto__ is not allowed/],
    ['91 81 a1 61 81 d9 09 5f5f70726f746f5f5f c0', /__proto__ is not allowed/],
    ['81 c0 01', /neither a string nor a number/],
    ['81 90 01', /neither a string nor a number/],
    ['81 c4 01 61 01', /neither a string nor a number/],
    ['a1 ff', /ends at byte 2 is not UTF-8/],
    ['a3 ed a0 80', /not UTF-8/],
    [`d9 3e ${'61'.repeat(60)} c3 28`, /not UTF-8/],
    ['c7 05 ff 0000000000', /timestamp has 5 bytes/],
    ['c1', /the byte c1/],
  ]
  for (const [hex, message] of cases) t.throws(() => decode(fromHex(hex), 8), { code: 'not-msgpack', message }, hex)
  t.notOk('admin' in {})
  t.strictSame(decode(fromHex('81 ab 636f6e7374727563746f72 01'), 1), { constructor: 1 })
  t.strictSame(decode(fromHex('91 a9 5f5f70726f746f5f5f'), 1), ['__proto__'], 'as a value it is allowed')
})

t.test('a byte order mark is a part of the string', async (t) => {
  for (const length of [1, 300]) {
    const text = `\ufeff${'a'.repeat(length)}`
    t.equal(decode(encoder.encode(text), 0), text)
  }
})

const show = (result: unknown): string => (result instanceof Fault ? result.why : 'a value')

/** Returns the value, with extensions of either kind as those of @msgpack/msgpack, or why there is none. */
function outcome(run: () => unknown): unknown {
  try {
    return asTheirs(run())
  } catch (error) {
    if (error instanceof MsgpackError) return new Fault(error.code)
    if (error instanceof SignalError) return new Fault(error.reason)
    if (error instanceof DecodeError) return new Fault('not-msgpack')
    throw error
  }
}

function memory(): number {
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()
  return heapUsed + arrayBuffers + external
}
