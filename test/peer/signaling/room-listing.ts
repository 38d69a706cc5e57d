/** How a session lists rooms, and subscribes to rooms that it is not in. Each test plays the server. */
import t from 'tap'
import { Op } from '../../../mod.ts'
import { reconnect, type ScriptedSocket, scripted, settled } from '../fixture/scripted-server.ts'

const room = (uuid: number) => ({ uuid, name: `room ${uuid}`, initiator: 0, restrictions: {}, peers: [] })
const refusal = { code: 'server-full', reason: 'server-full', message: 'Cannot announce rooms' }

/** Reconnects without the old session. The server knows subscriptions, so its greeting lists no rooms. */
async function startAfresh(server: ReturnType<typeof scripted>): Promise<ScriptedSocket> {
  server.random.unshift(0)
  server.socket().end(1006)
  const socket = await reconnect(server, 0)
  socket.answer(Op.hello, { id: 8, recovered: false, resume: { token: 'u' } })
  await settled()
  return socket
}

t.test('rooms() requests page after page', async (t) => {
  const server = scripted()
  const session = await server.session()
  const listing = session.rooms()
  const socket = server.socket()
  t.match(socket.said.at(-1), [Op.rooms, Number, null])
  socket.answer(Op.rooms, { data: [room(1), room(2)], next: 2 })
  await settled()
  t.match(socket.said.at(-1), [Op.rooms, Number, { after: 2 }])
  socket.answer(Op.rooms, { data: [room(3)], next: 7 })
  await settled()
  t.match(socket.said.at(-1), [Op.rooms, Number, { after: 7 }])
  socket.answer(Op.rooms, { data: [] })
  t.match(await listing, [{ uuid: 1 }, { uuid: 2 }, { uuid: 3 }])

  const endless = session.rooms()
  socket.answer(Op.rooms, { data: [room(1)], next: 2 })
  await settled()
  socket.answer(Op.rooms, { data: [room(1)], next: 2 })
  await t.rejects(endless, { name: 'PeerError', code: 'bad-server' })

  const refused = session.rooms()
  socket.answer(Op.rooms, { code: 'rate-limited', reason: 'too-costly', message: 'Wait', retryAfter: 100 }, false)
  await t.rejects(refused, { name: 'SignalError', reason: 'too-costly', retryAfter: 100 })
  session.close()
})

t.test('the first listener of an announcement subscribes the session, once', async (t) => {
  const server = scripted()
  const session = await server.session()
  const socket = server.socket()
  socket.take()
  session.addEventListener('kicked', () => {})
  t.strictSame(socket.take(), [])
  for (const name of ['roomchanged', 'roomclosed', 'roomadded'] as const) session.addEventListener(name, () => {})
  t.strictSame(socket.take(), [[Op.rooms, 2, { subscribe: true }]])
  socket.say([Op.error, 2, refusal])
  await settled()
  t.match(server.events.at(-1), ['error', { code: 'server-full' }])
  session.close()
})

t.test('after a fresh start the session subscribes again, and emits the rooms', async (t) => {
  const server = scripted()
  const session = await server.session()
  session.addEventListener('roomadded', () => {})
  server.socket().answer(Op.rooms, { data: [] })
  const socket = await startAfresh(server)
  t.strictSame(socket.take(), [[Op.rooms, 3, { subscribe: true }]])
  socket.say([Op.ok, 3, { data: [room(1)], next: 1 }])
  await settled()
  t.strictSame(socket.take(), [[Op.rooms, 4, { after: 1 }]])
  socket.say([Op.ok, 4, { data: [room(2)] }])
  await settled()
  t.match(server.events.at(-1), ['rooms', [{ uuid: 1 }, { uuid: 2 }]])

  const last = await startAfresh(server)
  last.end(1006)
  await settled()
  t.match(
    server.events.filter(([name]) => name === 'error'),
    [],
    'a request that is lost is no error',
  )
  session.close()
})

t.test('a session that only listens to rooms does not subscribe', async (t) => {
  const server = scripted()
  // The fixture adds the listener.
  const session = await server.session()
  const socket = await startAfresh(server)
  t.strictSame(socket.take(), [[Op.rooms, 2, null]])
  socket.say([Op.ok, 2, { data: [] }])
  await settled()
  t.strictSame(server.events.at(-1), ['rooms', []])
  session.close()
})

t.test('a session that does not listen requests nothing', async (t) => {
  const server = scripted()
  const connecting = server.connecting()
  await settled()
  server.socket().open()
  server.socket().answer(Op.hello, { id: 7, recovered: false })
  const session = await connecting
  t.strictSame((await startAfresh(server)).take(), [])
  session.close()
})
