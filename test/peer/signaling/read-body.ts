import t from 'tap'
import { bodies, readBody } from '../../../src/peer/signaling/mod.ts'

t.test('the name of a peer is readable, whatever the server accepted', async (t) => {
  const infoOf = (info: unknown) => readBody(bodies.arrival, { id: 1, info, room: 2, initiator: 1, link: 3 }).info
  t.strictSame(infoOf({ name: 'Zu\u0308rich', age: 7 }), { name: 'Z\u00fcrich', age: 7 })
  t.strictSame(infoOf({ name: '\x1b[2J\u202e' }), { name: '\\x1b[2J\\u202e' })
  t.strictSame(infoOf({ name: [7] }), { name: [7] })
  t.strictSame(infoOf(undefined), {})
})

t.test('an error quotes the server with escapes', async (t) => {
  t.throws(() => readBody(bodies.departure, { id: 1, room: '\x1b[2J' }), {
    code: 'bad-server',
    message: /must be an id$/,
  })
  t.throws(() => readBody(bodies.kicked, { uuid: 1, code: 7, reason: '' }), { message: 'received 7' })
  t.throws(() => readBody(bodies.rooms, '\x1b[2J'), { message: /received "\\x1b\[2J"$/ })
})
