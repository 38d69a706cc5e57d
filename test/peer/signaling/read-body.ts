import t from 'tap'
import { readBody } from '../../../src/peer/signaling/mod.ts'
import { eventSchemas } from '../../../src/protocol/mod.ts'

t.test('the name of a peer is readable, whatever the server accepted', async (t) => {
  const arrival = (body: object) => readBody(eventSchemas.connect, { id: 1, room: 2, initiator: 1, link: 3, ...body })
  const infoOf = (info: unknown) => arrival({ info }).info
  t.strictSame(infoOf({ name: 'Zu\u0308rich', age: 7 }), { name: 'Z\u00fcrich', age: 7 })
  t.strictSame(infoOf({ name: '\x1b[2J\u202e' }), { name: '\\x1b[2J\\u202e' })
  t.strictSame(infoOf({ name: [7] }), { name: [7] })
  t.strictSame(infoOf(undefined), {})
  t.equal(arrival({ verified: true, auth: 'ada', name: '\x1bu\u0308' }).name, '\\x1b\u00fc')
})

t.test('an error quotes the server with escapes', async (t) => {
  t.throws(() => readBody(eventSchemas.disconnectPeer, { id: 1, room: '\x1b[2J' }), {
    code: 'bad-server',
    message: /: room is not valid: must be an id: it is "\\x1b\[2J"$/,
  })
  t.throws(() => readBody(eventSchemas.kicked, { uuid: 1, code: 7, reason: '' }), {
    message: /: code is not valid: must be a string: it is 7$/,
  })
  t.throws(() => readBody(eventSchemas.rooms, '\x1b[2J'), {
    message: /: it is not valid: must be an array: it is "\\x1b\[2J"$/,
  })
})
