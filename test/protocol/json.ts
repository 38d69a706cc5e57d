import fc from 'fast-check'
import t from 'tap'
import { isObject, parseEnvelope, readEnvelope, SignalError, toJson } from '../../src/protocol/mod.ts'
import { anyCharacter } from '../fixture/any-character.ts'
import { text } from './fixture/arbitrary-frames.ts'
import { refusal } from './fixture/refusal.ts'

t.test('parseEnvelope reads the messages of pages of the first service', async (t) => {
  const sent = '{"data":{"cmd":"connect","data":{"room":{"uuid":7}}},"callbackId":0.5,"service":"webrtc"}'
  t.same(parseEnvelope(sent), { cmd: 'connect', data: { room: { uuid: 7 } }, callbackId: 0.5 })
  t.same(parseEnvelope('{"data":{"cmd":"rooms"}}'), { cmd: 'rooms', data: undefined, callbackId: undefined })
})

t.test('readEnvelope reads a message that its host has parsed', async (t) => {
  t.same(readEnvelope({ data: { cmd: 'rooms' }, callbackId: 'a' }), { cmd: 'rooms', data: undefined, callbackId: 'a' })
  for (const wrong of [
    undefined,
    null,
    1,
    'text',
    [],
    {},
    { data: null },
    { data: [] },
    { data: 'rooms' },
    { cmd: 'rooms' },
  ]) {
    t.match(
      refusal(() => readEnvelope(wrong)),
      { code: 'bad-frame', reason: 'wrong-type' },
    )
  }
})

t.test('values that exist in JSON come back unchanged', async (t) => {
  const wellFormed = fc
    .jsonValue({ maxDepth: 8, stringUnit: anyCharacter })
    .filter((value) => !JSON.stringify(value).includes('__proto__'))
  fc.assert(
    fc.property(wellFormed, (data) => {
      const text = toJson({ data: { cmd: 'offer', data } })
      t.strictSame(parseEnvelope(text).data, JSON.parse(JSON.stringify(data)))
    }),
  )
})

t.test('brackets, quotes and backslashes inside strings do not count as nesting', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('[', '{', '"', '\\', ']', '}', 'a', '\n')), text, (parts, rest) => {
      const data = parts.join('') + '['.repeat(100) + rest
      return parseEnvelope(JSON.stringify({ data: { cmd: 'offer', data } })).data === data
    }),
  )
  t.pass()
})

t.test('parseEnvelope returns an envelope or throws a SignalError for any text', async () => {
  const almost = fc.tuple(fc.json({ maxDepth: 40 }), fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, noise]) => {
    const cut = at % (json.length + 1)
    return `{"data":{"cmd":"x","data":${json.slice(0, cut)}${noise}${json.slice(cut)}}}`
  })
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), almost), (message) => {
      try {
        return isObject(parseEnvelope(message))
      } catch (error) {
        return error instanceof SignalError
      }
    }),
    { numRuns: 2_000 },
  )
})

t.test('toJson converts values that do not exist in JSON', async (t) => {
  t.equal(toJson(new Uint8Array([0xff, 0, 1])), '{"base64":"/wAB"}')
  t.equal(toJson({ a: [new Uint8Array()] }), '{"a":[{"base64":""}]}')
  t.equal(toJson({ a: Buffer.from([0xff, 0, 1]) }), '{"a":{"base64":"/wAB"}}', 'a Buffer counts as bytes')
  t.equal(toJson(Buffer.from([1])), '{"base64":"AQ=="}')
  t.equal(toJson({ n: 2n ** 60n }), '{"n":"1152921504606846976"}')
  t.equal(toJson({ at: new Date(0) }), '{"at":"1970-01-01T00:00:00.000Z"}')
  t.equal(toJson({ a: Number.NaN, b: undefined, c: null }), '{"a":null,"c":null}')
})

t.test('toJson writes any bytes as base64, also many of them', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (bytes) => {
      const { base64 } = JSON.parse(toJson(bytes)) as { base64: string }
      t.strictSame(new Uint8Array(Buffer.from(base64, 'base64')), new Uint8Array(bytes))
    }),
  )
  t.equal(toJson(new Uint8Array(262_144)).length, 349_528 + '{"base64":""}'.length)
})

t.test('isObject accepts objects, but no arrays and functions', async (t) => {
  t.ok(isObject({}) && isObject(Object.create(null)))
  for (const no of [null, undefined, [], 'a', 1, () => 1]) t.notOk(isObject(no))
})
