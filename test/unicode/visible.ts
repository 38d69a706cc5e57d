import fc from 'fast-check'
import t from 'tap'
import { visible, visibleJson } from '../../src/unicode/visible.ts'

t.test('characters that control a terminal or a line are shown as escapes', async (t) => {
  t.equal(visible('\x1b[2J\x07\x9b1m'), '\\x1b[2J\\x07\\x9b1m')
  t.equal(visible('a\nb\u2028c\u202ed\u200be\u{e0001}\ud800'), 'a\\x0ab\\u2028c\\u202ed\\u200be\\u{e0001}\\ud800')
  t.equal(visible('Zoë, µV, 東京 ❤️ \\x1b'), 'Zoë, µV, 東京 ❤️ \\x1b')
  t.equal(visible('one\ntwo\r', '\n'), 'one\ntwo\\x0d')
})

t.test('JSON stays JSON, with these characters as escapes', async (t) => {
  t.equal(visibleJson({ name: '\x9b\u202e\u{e0001}"' }), '{"name":"\\u009b\\u202e\\udb40\\udc01\\""}')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = visibleJson([text])
      return visible(json) === json && JSON.parse(json)[0] === text
    }),
  )
})
