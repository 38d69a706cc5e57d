/** Tests tokens, and rooms that the server changes, closes or removes the user from. */
import t from 'tap'
import { Op } from '../../../mod.ts'
import { hello, reconnect, type Scripted, scripted, settled } from '../fixture/scripted-server.ts'

const identity = { auth: 'ada', create: true, publish: true, subscribe: true, admin: false }
const roomOf = (uuid: number) => ({ uuid, name: 'lab', initiator: 7, restrictions: {}, peers: [7] })

/** Connects a session whose token expires in `expiresIn` milliseconds. */
async function known(server: Scripted, token: string | (() => string), expiresIn: number, own = identity) {
  const connecting = server.connecting({ token })
  await settled()
  server.socket().open()
  server.socket().answer(Op.hello, { id: 7, recovered: false, rooms: [], identity: own, expiresIn })
  const session = await connecting
  for (const name of ['reconnecting', 'close', 'error', 'roomclosed', 'roomchanged']) {
    session.addEventListener(name, (event) => server.events.push([name, (event as CustomEvent).detail]))
  }
  return session
}

async function joined(server: Scripted, session: Awaited<ReturnType<typeof known>>) {
  const joining = session.join('lab')
  await settled()
  server.socket().answer(Op.connect, roomOf(1))
  const room = await joining
  const told: unknown[] = []
  room.addEventListener('removed', ({ detail }) => told.push(detail))
  room.addEventListener('close', () => told.push('close'))
  server.socket().take()
  return { room, told }
}

t.test('a token from a function is renewed in time', async (t) => {
  const server = scripted()
  let tokens = 0
  const session = await known(server, () => `token ${++tokens}`, 10_000)
  t.match(session.identity, identity)
  server.clock.advance(7_999)
  await settled()
  t.equal(hello(server.socket()), undefined)
  server.clock.advance(1)
  await settled()
  t.strictSame(hello(server.socket()), { token: 'token 2' })
  const name = 'Ada'
  server
    .socket()
    .answer(Op.hello, { id: 7, recovered: false, rooms: [], identity: { ...identity, name }, expiresIn: 5_000 })
  await settled()
  t.match(session.identity, { name })
  server.clock.advance(4_000)
  await settled()
  t.strictSame(hello(server.socket()), { token: 'token 3' }, 'the next renewal')
  session.close()
  t.equal(server.clock.waiting, 0)
})

t.test('a rejected token emits an error, and the session ends when the old token expires', async (t) => {
  const server = scripted()
  await known(server, () => 'token', 10_000)
  server.clock.advance(8_000)
  await settled()
  server.socket().answer(Op.hello, { code: 'unauthorized', reason: 'unauthorized', message: 'Cannot' }, false)
  await settled()
  t.match(server.events, [['error', { code: 'unauthorized' }]])
  server.socket().end(4003, 'Token expired')
  const socket = await reconnect(server)
  socket.answer(Op.hello, { code: 'unauthorized', reason: 'unauthorized', message: 'Cannot' }, false)
  await settled()
  t.match(server.events.at(-1), ['close', { code: 1008, reason: 'unauthorized' }])
})

t.test('an expired token ends the session, unless a function returns the next token', async (t) => {
  for (const token of ['token', () => 'token']) {
    const server = scripted()
    const session = await known(server, token, 10_000)
    if (token === 'token') {
      server.clock.advance(10_000)
      await settled()
      t.equal(hello(server.socket()), undefined, 'a fixed token is not renewed')
    }
    server.socket().end(4003, 'Token expired')
    t.equal(session.state, token === 'token' ? 'closed' : 'reconnecting')
    if (token !== 'token') t.match(hello(await reconnect(server)), { token: 'token' })
    session.close()
  }
})

t.test('removal from a room emits removed and close', async (t) => {
  for (const code of ['kicked', 'restricted', 'token']) {
    const server = scripted()
    const session = await known(server, 'token', 10_000)
    const { room, told } = await joined(server, session)
    server.socket().say([Op.kicked, { uuid: 2, code, reason: '' }])
    t.strictSame(told, [], 'another room')
    server.socket().say([Op.kicked, { uuid: 1, code, reason: 'Too loud' }])
    t.strictSame(told, [{ code, reason: 'Too loud' }, 'close'])
    t.ok(room.closed)
    await room.leave()
    t.strictSame(server.socket().take(), [], 'leave() sends nothing')
    t.throws(() => room.publish({ name: 'x' }), { code: 'bad-source' })
    session.close()
  }
})

t.test('roomclosed ends the membership, roomchanged does not', async (t) => {
  const server = scripted()
  const session = await known(server, 'token', 10_000)
  const { told } = await joined(server, session)
  server.socket().say([Op.roomchanged, roomOf(1)])
  server.socket().say([Op.roomclosed, { uuid: 2 }])
  t.strictSame(told, [])
  server.socket().say([Op.roomclosed, { uuid: 1, reason: 'Done' }])
  t.strictSame(told, [{ code: 'closed', reason: 'Done' }, 'close'])
  t.match(server.events, [
    ['roomchanged', { uuid: 1 }],
    ['roomclosed', { uuid: 2 }],
    ['roomclosed', { uuid: 1, reason: 'Done' }],
  ])
  server.socket().end(1006)
  const socket = await reconnect(server)
  socket.answer(Op.hello, { id: 8, recovered: false, rooms: [] })
  await settled()
  t.notOk(
    socket.said.some(([op]) => op === Op.connect),
    'the session does not rejoin the closed room',
  )
  session.close()
})

t.test('leaving a room succeeds if the server removes the user at the same time', async () => {
  const server = scripted()
  const session = await known(server, 'token', 10_000)
  const { room } = await joined(server, session)
  const leaving = room.leave()
  await settled()
  server.socket().answer(Op.disconnect, { code: 'not-in-room', reason: 'not-in-room', message: 'Cannot' }, false)
  await leaving
  session.close()
})

t.test('kick, restrict and closeRoom send requests and report errors', async (t) => {
  const server = scripted()
  const session = await known(server, 'token', 10_000)
  const { room } = await joined(server, session)
  const asked = async (op: number, doing: Promise<void>, body: unknown) => {
    await settled()
    t.strictSame(server.socket().said.find((frame) => frame[0] === op)?.[2], body)
    server.socket().answer(op, null)
    t.equal(await doing, undefined)
  }
  await asked(Op.kick, room.kick(9, 'Bye'), { uuid: 1, peer: 9, reason: 'Bye' })
  await asked(Op.kick, room.kick(9), { uuid: 1, peer: 9 })
  await asked(Op.restrict, room.restrict({ users: ['ada'], max: 2 }), {
    uuid: 1,
    restrictions: { users: ['ada'], max: 2 },
  })
  await asked(Op.closeroom, room.closeRoom('Done'), { uuid: 1, reason: 'Done' })
  const refused = room.closeRoom()
  await settled()
  const error = { code: 'forbidden', reason: 'not-initiator', message: 'Cannot' }
  server.socket().answer(Op.closeroom, error, false)
  await t.rejects(refused, { code: 'forbidden', reason: 'not-initiator' })
  session.close()
})

t.test('publish throws if the token does not permit it', async (t) => {
  const server = scripted()
  const session = await known(server, 'token', 10_000, { ...identity, publish: false })
  const { room } = await joined(server, session)
  t.throws(() => room.publish({ name: 'x' }), { code: 'forbidden', reason: 'not-permitted' })
  session.close()
})
