import fc from 'fast-check'
import t from 'tap'
import { isUtf8 } from '../../src/protocol/mod.ts'
import { text } from './fixture/arbitrary-frames.ts'
import { fromHex } from './fixture/bytes.ts'

t.test('isUtf8 accepts any encoded text', async (t) => {
  fc.assert(
    fc.property(text, (string) => {
      const bytes = new TextEncoder().encode(string)
      return isUtf8(bytes, 0, bytes.length)
    }),
  )
  t.pass()
})

t.test('isUtf8 rejects what RFC 3629 forbids', async (t) => {
  const wrong: [name: string, hex: string][] = [
    ['a continuation byte alone', '80'],
    ['a lead byte alone', 'c3'],
    ['a lead byte and no continuation', 'c3 28'],
    ['an overlong slash', 'c0 af'],
    ['an overlong nul of three bytes', 'e0 80 80'],
    ['a high surrogate', 'ed a0 80'],
    ['a pair of surrogates (CESU-8)', 'ed a0 bd ed b8 80'],
    ['beyond U+10FFFF', 'f4 90 80 80'],
    ['a byte that never occurs', 'ff'],
    ['ASCII, then half a character', '61 62 e2 82'],
  ]
  for (const [name, hex] of wrong) {
    const bytes = fromHex(hex)
    t.equal(isUtf8(bytes, 0, bytes.length), false, name)
  }
  t.equal(isUtf8(fromHex('e2 82 ac'), 0, 3), true, 'isUtf8 still works')
})

t.test('isUtf8 reads only the bytes in the range', async (t) => {
  t.equal(isUtf8(fromHex('ff 61 ff'), 1, 2), true)
  t.equal(isUtf8(fromHex('ff'), 1, 1), true)
})
