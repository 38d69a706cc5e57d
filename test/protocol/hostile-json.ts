import t from 'tap'
import { MAX_DEPTH, parseEnvelope } from '../../src/protocol/mod.ts'
import { reasonOf, refusal } from './fixture/refusal.ts'

const message = (data: string): string => `{"data":{"cmd":"offer","data":${data}}}`

t.test('text that is not JSON is rejected', async (t) => {
  for (const text of [
    '',
    ' ',
    '{',
    'undefined',
    '{"data":{"cmd":"rooms"}',
    "{'data':{}}",
    '\u0000',
    message('1') + message('1'),
    'NaN',
  ]) {
    t.match(
      refusal(() => parseEnvelope(text)),
      { code: 'bad-frame', reason: 'not-json' },
      text,
    )
  }
})

t.test('JSON that is no message is rejected', async (t) => {
  for (const text of [
    'null',
    '1',
    '"rooms"',
    '[]',
    '{}',
    '{"data":null}',
    '{"data":[]}',
    '{"data":"rooms"}',
    '{"cmd":"rooms"}',
  ]) {
    t.equal(
      reasonOf(() => parseEnvelope(text)),
      'wrong-type',
      text,
    )
  }
})

t.test('the key __proto__ is rejected at any depth, plain and escaped', async (t) => {
  const keys = ['__proto__', '\\u005f\\u005fproto\\u005f\\u005f', '_\\u005Fproto__', '__pr\\u006fto__']
  for (const key of keys) {
    for (const text of [
      `{"${key}":{"admin":true},"data":{"cmd":"x"}}`,
      `{"data":{"${key}":{"admin":true},"cmd":"x"}}`,
      message(`[[{"a":{"${key}":1}}]]`),
    ]) {
      t.equal(
        reasonOf(() => parseEnvelope(text)),
        'not-json',
        text,
      )
    }
  }
  t.notOk('admin' in {})
  t.equal(parseEnvelope(message('"__proto__"')).data, '__proto__', '__proto__ is allowed as a value')
  t.same(parseEnvelope(message('{"constructor":{"prototype":{"admin":true}}}')).data, {
    constructor: { prototype: { admin: true } },
  })
  t.notOk('admin' in {})
})

t.test('a million brackets are rejected before they are parsed', async (t) => {
  const million = 1_000_000
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    t.equal(
      reasonOf(() => parseEnvelope(message(open.repeat(million)))),
      'too-deep',
      `${open} left open`,
    )
    t.equal(
      reasonOf(() => parseEnvelope(message(`${open.repeat(million)}1${close.repeat(million)}`))),
      'too-deep',
      open,
    )
  }
})

t.test('the greatest depth is allowed, and one level more is not', async (t) => {
  const nested = (depth: number) => message('['.repeat(depth) + ']'.repeat(depth))
  t.doesNotThrow(() => parseEnvelope(nested(MAX_DEPTH - 2)), 'the envelope itself has two levels')
  t.equal(
    reasonOf(() => parseEnvelope(nested(MAX_DEPTH - 1))),
    'too-deep',
  )
})

t.test('quotes and backslashes do not hide depth', async (t) => {
  const deep = '['.repeat(100)
  t.equal(
    reasonOf(() => parseEnvelope(message(`["\\"",${deep}`))),
    'too-deep',
  )
  t.equal(
    reasonOf(() => parseEnvelope(message(`["\\\\",${deep}`))),
    'too-deep',
  )
  t.equal(
    reasonOf(() => parseEnvelope(message(`["\\\\\\"",${deep}`))),
    'too-deep',
  )
})

t.test('half a surrogate pair is rejected, because strict msgpack readers would fail on it', async (t) => {
  for (const data of ['"\\ud800"', '"\\udc00\\ud800"', '"\ud83e"', '{"\\udfff":1}', '["x",["\\uD800x"]]']) {
    t.equal(
      reasonOf(() => parseEnvelope(message(data))),
      'not-json',
      data,
    )
  }
  t.equal(parseEnvelope(message('"\\ud83e\\udde0"')).data, '🧠')
})

t.test('a string that looks like a function is not evaluated (fault 1 of the first service)', async (t) => {
  const functions = [
    'function(){ globalThis.evaluated = true }',
    '() => (globalThis.evaluated = true)',
    'class { static { globalThis.evaluated = true } }',
    'async function f(){}',
  ]
  for (const text of functions) t.equal(parseEnvelope(message(JSON.stringify(text))).data, text)
  t.notOk('evaluated' in globalThis)
})
