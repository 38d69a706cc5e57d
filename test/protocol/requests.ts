import fc from 'fast-check'
import t from 'tap'
import {
  checkRequest,
  decodeFrame,
  encodeFrame,
  encodeValue,
  MAX_ALLOWED_USERS,
  MAX_AUTH_LENGTH,
  MAX_INFO_BYTES,
  MAX_NAME_LENGTH,
  MAX_REASON_LENGTH,
  MAX_TOKEN_LENGTH,
  Op,
  type RequestName,
  SignalError,
} from '../../src/protocol/mod.ts'
import { values } from './fixture/arbitrary-frames.ts'
import { refusal } from './fixture/refusal.ts'

const names: RequestName[] = [
  'hello',
  'rooms',
  'createroom',
  'connect',
  'disconnect',
  'info',
  'ice',
  'closeroom',
  'kick',
  'restrict',
]
const wrong = (name: RequestName, body: unknown): string => {
  const error = refusal(() => checkRequest(name, body))
  return `${error.code} ${error.reason}: ${error.message}`
}

t.test('checkRequest checks hello', async (t) => {
  const whole = { token: 'lab-7', info: { name: 'Ada' }, resume: { token: 'a', received: 3 } }
  t.strictSame(checkRequest('hello', whole), whole)
  for (const nothing of [undefined, null, {}]) t.strictSame(checkRequest('hello', nothing), {})
  t.strictSame(checkRequest('hello', { ...whole, connect: { room: {} } }), whole, 'connect is a request of its own')
  t.equal(checkRequest('hello', { token: 'x'.repeat(MAX_TOKEN_LENGTH) }).token?.length, MAX_TOKEN_LENGTH)
  t.match(wrong('hello', { token: 'x'.repeat(MAX_TOKEN_LENGTH + 1) }), /bad-frame wrong-type: .*hello\.token/)
  t.match(wrong('hello', { token: 5 }), 'hello.token')
  t.match(wrong('hello', { resume: { token: 'a' } }), 'hello.resume.received')
  t.match(wrong('hello', { resume: { token: 'a', received: -1 } }), 'hello.resume.received')
  t.match(wrong('hello', { resume: [] }), 'hello.resume')
  t.match(wrong('hello', { resume: false }), 'hello.resume')
  t.match(wrong('hello', { resume: { token: 'a'.repeat(65), received: 0 } }), 'hello.resume.token')
  t.strictSame(checkRequest('hello', { resume: true }), { resume: true })
})

t.test('checkRequest ignores the body of ice, and a body of rooms that is no map', async (t) => {
  for (const body of [undefined, null, 'x', [1]]) t.equal(checkRequest('rooms', body), null)
  for (const body of [undefined, null, {}, 'x', [1]]) t.equal(checkRequest('ice', body), null)
})

t.test('checkRequest checks rooms', async (t) => {
  const whole = { subscribe: true, prefix: 'x'.repeat(MAX_NAME_LENGTH), after: 7 }
  t.strictSame(checkRequest('rooms', { ...whole, auth: 'ada' }), whole)
  t.strictSame(checkRequest('rooms', { prefix: '' }), { prefix: '' })
  t.match(wrong('rooms', { subscribe: 1 }), /bad-frame wrong-type: .*rooms\.subscribe/)
  t.match(wrong('rooms', { prefix: 7 }), 'rooms.prefix')
  t.match(wrong('rooms', { prefix: '\ud800' }), 'rooms.prefix')
  t.match(wrong('rooms', { prefix: `${whole.prefix}x` }), 'rooms.prefix')
  for (const after of [-1, 1.5, '7']) t.match(wrong('rooms', { after }), 'rooms.after')
})

t.test('checkRequest checks closeroom, kick and restrict', async (t) => {
  const whole = { uuid: 5, peer: 6, reason: 'x'.repeat(MAX_REASON_LENGTH), restrictions: { users: ['ada'], max: 1 } }
  const { uuid, peer, reason, restrictions } = whole
  t.strictSame(checkRequest('closeroom', whole), { uuid, reason })
  t.strictSame(checkRequest('closeroom', { uuid }), { uuid })
  t.strictSame(checkRequest('kick', whole), { uuid, peer, reason })
  t.strictSame(checkRequest('restrict', whole), { uuid, restrictions })
  for (const [name, body, field] of [
    ['closeroom', undefined, 'closeroom'],
    ['closeroom', {}, 'closeroom.uuid'],
    ['closeroom', { uuid: 0 }, 'closeroom.uuid'],
    ['closeroom', { uuid, reason: `${reason}.` }, 'closeroom.reason'],
    ['closeroom', { uuid, reason: '\ud800' }, 'closeroom.reason'],
    ['kick', { uuid }, 'kick.peer'],
    ['kick', { peer }, 'kick.uuid'],
    ['kick', { uuid, peer, reason: 5 }, 'kick.reason'],
    ['restrict', { uuid }, 'restrict.restrictions'],
    ['restrict', { uuid, restrictions: [] }, 'restrict.restrictions'],
    ['restrict', { uuid, restrictions: { max: 0 } }, 'restrict.restrictions.max'],
  ] as const) {
    t.match(wrong(name, body), field)
  }
})

t.test('checkRequest checks createroom', async (t) => {
  const whole = { name: 'lab', restrictions: { users: ['ada', ''], max: 1 } }
  t.strictSame(checkRequest('createroom', whole), whole)
  t.strictSame(checkRequest('createroom', null), {})
  t.equal(checkRequest('createroom', { name: 'x'.repeat(MAX_NAME_LENGTH) }).name?.length, MAX_NAME_LENGTH)
  const users = Array.from({ length: MAX_ALLOWED_USERS }, () => 'ada')
  t.strictSame(checkRequest('createroom', { restrictions: { users: ['x'.repeat(MAX_AUTH_LENGTH)] } }).restrictions, {
    users: ['x'.repeat(MAX_AUTH_LENGTH)],
  })
  t.equal(checkRequest('createroom', { restrictions: { users } }).restrictions?.users?.length, MAX_ALLOWED_USERS)
  const refused: [unknown, string][] = [
    [{ name: '' }, 'createroom.name'],
    [{ name: 'x'.repeat(MAX_NAME_LENGTH + 1) }, 'createroom.name'],
    [{ name: 7 }, 'createroom.name'],
    [{ name: '\ud800' }, 'createroom.name'],
    [{ restrictions: { users: [...users, 'one more'] } }, 'createroom.restrictions.users'],
    [{ restrictions: { users: ['x'.repeat(MAX_AUTH_LENGTH + 1)] } }, 'createroom.restrictions.users.0'],
    [{ restrictions: { users: Array.from({ length: 64 }, () => 'x'.repeat(254)) } }, 'must fit in 16384 bytes'],
    [{ restrictions: { users: ['a', 7] } }, 'createroom.restrictions.users.1'],
    [{ restrictions: { users: ['\udc00'] } }, 'createroom.restrictions.users.0'],
    [{ restrictions: { users: 'ada' } }, 'createroom.restrictions.users'],
    [{ restrictions: { max: 0 } }, 'createroom.restrictions.max'],
    [{ restrictions: { max: 1.5 } }, 'createroom.restrictions.max'],
    [{ restrictions: { max: Number.POSITIVE_INFINITY } }, 'createroom.restrictions.max'],
    [{ restrictions: [] }, 'createroom.restrictions'],
    [[], 'createroom is not valid: must be a map'],
    [new Uint8Array(3), 'createroom is not valid: must be a map'],
    ['lab', 'createroom is not valid: must be a map'],
  ]
  for (const [body, field] of refused) t.match(wrong('createroom', body), field)
})

t.test('checkRequest checks connect', async (t) => {
  const whole = { room: { uuid: 7, name: 'lab', restrictions: { max: 2 } }, info: { a: 1 }, create: true }
  t.strictSame(checkRequest('connect', whole), whole)
  t.strictSame(checkRequest('connect', { room: { name: 'lab' } }), { room: { name: 'lab' } })
  const refused: [unknown, string][] = [
    [null, 'connect is not valid'],
    [{}, 'connect.room'],
    [{ room: {} }, 'connect.room is not valid: must have a uuid or a name'],
    [{ room: [] }, 'connect.room'],
    [{ room: { uuid: 0 } }, 'connect.room.uuid'],
    [{ room: { uuid: '7' } }, 'connect.room.uuid'],
    [{ room: { uuid: 2 ** 53 } }, 'connect.room.uuid'],
    [{ room: { uuid: 7 }, create: 1 }, 'connect.create'],
    [{ room: { uuid: 7 }, info: 'x' }, 'connect.info'],
  ]
  for (const [body, field] of refused) t.match(wrong('connect', body), field)
})

t.test('names of rooms and users are normalized, and must have no character that nobody sees', async (t) => {
  const [composed, decomposed] = ['Z\u00fcrich', 'Zu\u0308rich']
  t.equal(checkRequest('createroom', { name: decomposed }).name, composed)
  t.equal(checkRequest('connect', { room: { name: decomposed } }).room.name, composed)
  t.strictSame(checkRequest('info', { name: decomposed, note: decomposed }), { name: composed, note: decomposed })
  t.equal(checkRequest('hello', { info: { name: decomposed } }).info?.name, composed)
  t.strictSame(checkRequest('info', { name: '' }), { name: '' })
  t.strictSame(checkRequest('info', { name: ['\u200b'] }), { name: ['\u200b'] }, 'only a text is a name')
  const refused: [RequestName, unknown, string][] = [
    ['createroom', { name: 'lab\u200b' }, 'createroom.name is not valid: must not have U+200B, which is invisible'],
    ['connect', { room: { name: '\x1b[2J' } }, 'connect.room.name is not valid: must not have U+001B, a control'],
    [
      'info',
      { name: 'Ada\u202e' },
      'info.name is not valid: must not have U+202E, which changes the direction of text',
    ],
    ['hello', { info: { name: '\n' } }, 'hello.info.name is not valid: must not have U+000A'],
    ['connect', { room: { uuid: 7 }, info: { name: '\n' } }, 'connect.info.name is not valid: must not have U+000A'],
  ]
  for (const [name, body, told] of refused) {
    const error = refusal(() => checkRequest(name, body))
    t.match(error, { code: 'bad-frame', reason: 'wrong-type', limit: 'nameCharacters' })
    t.match(error.message, told)
  }
  t.equal(refusal(() => checkRequest('createroom', { name: 'x'.repeat(999) })).limit, 'nameLength')
})

t.test('an error quotes received text with escapes', async (t) => {
  t.match(wrong('connect', { room: { uuid: 7 }, create: '\x1b[2J' }), /received "\\x1b\[2J"$/)
})

t.test('checkRequest drops an auth in the body (fault 3 of the first service)', async (t) => {
  t.strictSame(checkRequest('connect', { room: { uuid: 7 }, auth: 'root' }), { room: { uuid: 7 } })
  t.strictSame(checkRequest('hello', { auth: 'root' }), {})
})

t.test('checkRequest checks disconnect', async (t) => {
  t.strictSame(checkRequest('disconnect', { uuid: 7 }), { uuid: 7 })
  t.strictSame(checkRequest('disconnect', {}), {})
  for (const nothing of [undefined, null]) t.equal(checkRequest('disconnect', nothing), null)
  t.match(wrong('disconnect', []), 'must be a map')
  t.match(wrong('disconnect', { uuid: -7 }), 'disconnect.uuid')
})

t.test('info is any map within 4 KiB, and arrives unchanged', async (t) => {
  const info = { name: 'Ada', constructor: 'EEG Ltd', prototype: 3, at: [1.5, null, { deep: true }] }
  t.strictSame(checkRequest('info', info), info, 'keys that JavaScript gives a meaning are plain names')
  const largest = { a: 'x'.repeat(MAX_INFO_BYTES - 6) }
  t.equal(encodeValue(largest).length, MAX_INFO_BYTES)
  t.strictSame(checkRequest('info', largest), largest)
  t.match(wrong('info', { a: 'x'.repeat(MAX_INFO_BYTES - 5) }), 'must fit in 4096 bytes: it has 4097')
})

t.test('info is rejected if a receiver could not read it, at any depth', async (t) => {
  const loop: Record<string, unknown> = {}
  loop.self = loop
  let deep: unknown = 1
  for (let i = 0; i < 40; i++) deep = [deep]
  const unreadable = [
    null,
    undefined,
    [],
    'x',
    7,
    new Uint8Array(3),
    new Date(),
    { f: () => 1 },
    { s: Symbol('s') },
    { n: 5n },
    { a: '\ud800' },
    { a: { 'key\udfff': 1 } },
    { a: [JSON.parse('{"__proto__": {"admin": true}}')] },
    JSON.parse('{"__proto__": {"admin": true}}'),
    loop,
    { deep },
  ]
  for (const info of unreadable) {
    t.match(wrong('info', info), /^bad-frame wrong-type: Cannot accept the request: info is not valid: /)
  }
})

t.test('info is copied, so a host that changes its object later changes nothing', async (t) => {
  const mine = { inner: { name: 'Ada' } }
  const kept = checkRequest('info', mine)
  mine.inner.name = 'Eve'
  t.strictSame(kept, { inner: { name: 'Ada' } })
})

t.test('checkRequest returns a body that can be encoded, or throws a SignalError, for any body', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.oneof(values, fc.object(), fc.anything()), (name, body) => {
      try {
        const taken = checkRequest(name, body)
        return Array.isArray(decodeFrame(encodeFrame([Op[name], 1, taken])))
      } catch (error) {
        return error instanceof SignalError
      }
    }),
    { numRuns: 2_000 },
  )
})
