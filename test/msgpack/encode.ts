import { Encoder } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { decode, encode, MsgpackError } from '../../src/msgpack/mod.ts'
import { fromHex, toHex } from '../protocol/fixture/bytes.ts'
import { anyValue, asTheirs, nested } from './fixture/arbitrary-values.ts'

/** Random values to compare. `npm run test:nightly` compares 1,000,000. */
const RUNS = Number(process.env.MSGPACK_RUNS ?? 1_000)
t.setTimeout(3_600_000)

const MAX_DEPTH = 32
const reference = new Encoder({ ignoreUndefined: true, maxDepth: MAX_DEPTH + 1 })

t.test('encode writes the same bytes as @msgpack/msgpack', async (t) => {
  let bytes = 0
  fc.assert(
    fc.property(anyValue, (value) => {
      const [own, theirs] = [encode(value, MAX_DEPTH), reference.encode(asTheirs(value))]
      bytes += own.length
      if (Buffer.compare(own, theirs) !== 0) throw new Error(`${toHex(own)} is not ${toHex(theirs)}`)
    }),
    { numRuns: RUNS },
  )
  t.ok(bytes > RUNS, `${RUNS} values of ${bytes} bytes`)
})

t.test('encode writes objects of classes, boxed values and sparse arrays as @msgpack/msgpack does', async (t) => {
  class Point {
    x = 1
    #hidden = 2
    get sum() {
      return this.x + this.#hidden
    }
  }
  for (const value of [
    new Point(),
    new Map([[1, 2]]),
    new Set([1]),
    new ArrayBuffer(3),
    Object(7),
    Object('ab'),
    new Array(3),
    /x/,
  ]) {
    t.equal(toHex(encode(value, MAX_DEPTH)), toHex(reference.encode(value)), String(value))
  }
})

t.test('encode throws for what msgpack cannot represent', async (t) => {
  for (const value of [5n, Symbol('no'), () => 1, [[1n]], { a: () => 1 }]) {
    t.throws(() => encode(value, MAX_DEPTH), { name: 'MsgpackError', code: 'not-msgpack' })
    t.throws(() => reference.encode(value))
  }
  t.equal(toHex(encode([1], MAX_DEPTH)), '9101', 'and then goes on')
})

t.test('encode throws for a value nested deeper than is allowed, as @msgpack/msgpack does', async (t) => {
  for (const maxDepth of [0, 1, 5, MAX_DEPTH]) {
    const reference = new Encoder({ maxDepth: maxDepth + 1 })
    for (const inner of [1, [], {}, 'x', { a: 1 }]) {
      for (let depth = Math.max(0, maxDepth - 2); depth <= maxDepth + 2; depth++) {
        const value = nested(depth, inner)
        const [own, theirs] = [outcome(() => encode(value, maxDepth)), outcome(() => reference.encode(value))]
        t.equal(own, theirs === 'Error' ? 'too-deep' : theirs, `${JSON.stringify(inner)} in ${depth} of ${maxDepth}`)
      }
    }
  }
  t.throws(() => encode(circular(), MAX_DEPTH), { code: 'too-deep' })
})

t.test('half of a surrogate pair becomes U+FFFD, in a short string and in a long one', async (t) => {
  for (const text of ['\ud83e', 'a\udc00b', `${'x'.repeat(60)}\ud800`, '\udc00\ud800']) {
    t.equal(decode(encode(text, 0), 0), text.toWellFormed())
  }
})

t.test('a getter may encode another value, and may throw', async (t) => {
  const inner = { list: [1, 'two'], text: 'x'.repeat(9_000) }
  const outer = {
    before: 'b',
    get bytes() {
      return encode(inner, MAX_DEPTH)
    },
    after: ['a'],
  }
  const expected = { before: 'b', bytes: encode(inner, MAX_DEPTH), after: ['a'] }
  t.equal(toHex(encode(outer, MAX_DEPTH)), toHex(encode(expected, MAX_DEPTH)))
  const failing = {
    list: [1],
    get fails(): never {
      throw new TypeError('no')
    },
  }
  t.throws(() => encode(failing, MAX_DEPTH), { name: 'TypeError' })
  t.equal(toHex(encode({ a: 1 }, MAX_DEPTH)), '81a16101')
})

t.test('the result has a buffer of its own', async (t) => {
  const [one, other] = [encode('one', 0), encode('two', 0)]
  t.equal(one.buffer.byteLength, 4)
  one.fill(0)
  t.strictSame(other, fromHex('a374776f'))
})

function outcome(run: () => Uint8Array): string {
  try {
    return toHex(run())
  } catch (error) {
    return error instanceof MsgpackError ? error.code : (error as Error).name
  }
}

function circular(): unknown {
  const list: unknown[] = []
  list.push(list)
  return list
}
