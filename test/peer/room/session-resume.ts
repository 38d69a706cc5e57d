import t from 'tap'
import { type Frame, Op } from '../../../mod.ts'
import { hello, reconnect, scripted, settled } from '../fixture/scripted-server.ts'

/** Tests how a session resumes. Each test plays the server. */
const room = (uuid: number, name = 'lab') => ({ uuid, name, initiator: 0, restrictions: {}, peers: [7] })

t.test('a session resumes with its token and counts, and each frame arrives once', async (t) => {
  const server = scripted()
  const session = await server.session({ info: { name: 'Ada' } })
  const first = server.socket()
  const added: number[] = []
  session.addEventListener('roomadded', ({ detail }) => added.push(detail.uuid))
  t.strictSame(first.take(), [[Op.rooms, 2, { subscribe: true }]], 'a listener subscribes the session')
  const rooms = [session.rooms(), session.rooms()]
  t.strictSame(first.take(), [3, 4].map((seq) => [Op.rooms, seq, null]) as Frame[])
  first.say([Op.roomadded, room(1)])
  first.say([Op.ok, 2, { data: [] }])
  first.say('text that nobody can read, and that counts all the same')
  first.say([Op.ping, 0])
  t.strictSame(first.take(), [[Op.pong, 3]], 'the ping itself does not count')
  first.end(1006)
  t.equal(session.state, 'reconnecting')
  rooms.push(session.rooms())

  const second = await reconnect(server)
  t.strictSame(hello(second), { info: { name: 'Ada' }, resume: { token: 't1', received: 3 } })
  second.say([Op.welcome, { version: 1, id: 99 }])
  second.say([Op.roomadded, room(2)])
  second.take()
  second.say([Op.ok, 1, { id: 7, recovered: true, received: 1, resume: { token: 't2', grace: 1 } }])
  const lacking = [3, 4, 5].map((seq) => [Op.rooms, seq, null])
  t.strictSame(
    second.take(),
    [[Op.ping, 3], ...lacking],
    'a ping proves the new token, then come the frames that the server lacks',
  )
  second.say([Op.roomadded, room(3)])
  for (const seq of [3, 4, 5]) second.say([Op.ok, seq, { data: [] }])
  await Promise.all(rooms)
  t.strictSame(added, [1, 3], 'frames for the temporary user are ignored')
  t.match(session, { id: 7, state: 'connected', droppedFrames: 1 })
  t.strictSame(server.events, [
    ['reconnecting', { attempt: 1, delay: 0.25, code: 1006, reason: '' }],
    ['resumed', { recovered: true }],
  ])

  second.end(1001)
  const third = await reconnect(server, 500)
  t.strictSame(hello(third), { info: { name: 'Ada' }, resume: { token: 't2', received: 7 } })
})

t.test('a resume that fails is tried again with the same token', async (t) => {
  const server = scripted()
  await server.session()
  server.socket().end(1006)
  const second = await reconnect(server)
  second.end(1006)
  const third = await reconnect(server, 500)
  t.strictSame(hello(third), { info: {}, resume: { token: 't1', received: 0 } })
  third.say([Op.ok, 1, { id: 7, recovered: true, received: 0, resume: { token: 't2' } }])
  t.match(server.events.at(-1), ['resumed', { recovered: true }])
})

t.test('a fresh start has a new id and new counts, and pending requests are lost', async (t) => {
  const server = scripted()
  const session = await server.session()
  server.socket().say([Op.roomadded, room(1)])
  const waiting = session.rooms()
  server.socket().end(1006)
  const later = session.rooms()
  const second = await reconnect(server)
  second.take()
  second.say([Op.ok, 1, { id: 8, recovered: false, rooms: [room(5)], resume: { token: 'u1' } }])
  await t.rejects(waiting, { name: 'PeerError', code: 'lost' })
  await t.rejects(later, { code: 'lost' })
  t.strictSame(second.take(), [])
  t.equal(session.id, 8)
  t.match(server.events.slice(1), [
    ['resumed', { recovered: false }],
    ['rooms', [{ uuid: 5 }]],
  ])
  second.end(1006)
  const third = await reconnect(server, 500)
  t.strictSame(hello(third), { info: {}, resume: { token: 'u1', received: 0 } })
})

t.test('the session buffers nothing for a server without resumable sessions', async (t) => {
  const server = scripted()
  const connecting = server.connecting()
  await settled()
  server.socket().open()
  t.strictSame(hello(server.socket()), { info: {}, resume: true })
  server.socket().answer(Op.hello, { id: 7 })
  const session = await connecting
  server.socket().say([Op.roomadded, room(1)])
  server.socket().say([Op.ping, 0])
  t.strictSame(server.socket().take(), [[Op.pong, 0]])
  server.socket().end(1006)
  const waiting = session.rooms()
  const second = await reconnect(server)
  t.strictSame(hello(second), { info: {}, resume: true })
  second.answer(Op.hello, { id: 8 })
  await t.rejects(waiting, { code: 'lost' })
  t.strictSame(second.take(), [])
})

t.test('the replay buffer is limited, and past the limit the session starts afresh', async (t) => {
  const server = scripted()
  const connecting = server.connecting()
  await settled()
  server.socket().open()
  // Each join first requests new ICE credentials, as these have expired: small frames, then large ones.
  const ice = { iceServers: [], expiresIn: 0 }
  server.socket().answer(Op.hello, { id: 7, recovered: false, rooms: [], resume: { token: 't1', grace: 30_000 }, ice })
  const session = await connecting
  server.socket().end(1006)
  const waiting = Array.from({ length: 300 }, () => session.join('x', { info: { filler: 'x'.repeat(4_000) } }))
  const rejections = Promise.all(waiting.map((join) => join.catch((error) => error.code)))
  const second = await reconnect(server)
  second.say([Op.ok, 1, { id: 7, recovered: true, received: 0, resume: { token: 't2' } }])
  const asked = second.take().filter(([op]) => op === Op.ice)
  t.equal(asked.length, 300)
  second.end(1006)
  await reconnect(server, 500)
  const third = server.socket()
  third.say([Op.ok, 1, { id: 7, recovered: true, received: 300, resume: { token: 't3' } }])
  for (const [, seq] of asked) third.say([Op.ok, seq as number, { iceServers: [] }])
  third.end(1006)
  await settled()
  const fourth = await reconnect(server, 1_000)
  fourth.say([Op.ok, 1, { id: 7, recovered: true, received: 300, resume: { token: 't4' } }])
  t.strictSame(fourth.closing, { code: 1000, reason: undefined }, 'a close code that ends the session on the server')
  t.equal(session.state, 'reconnecting')
  const fifth = await reconnect(server, 2_000)
  t.match(hello(fifth), { resume: true })
  fifth.answer(Op.hello, { id: 9, recovered: false, resume: { token: 'u1' } })
  t.strictSame(new Set(await rejections), new Set(['lost']))
  t.match(session, { id: 9, state: 'connected' })
})

t.test('the session acknowledges after 64 frames, or a second after the first', async (t) => {
  const server = scripted()
  await server.session()
  const socket = server.socket()
  socket.take()
  for (let i = 0; i < 63; i++) socket.say([Op.roomclosed, { uuid: 1 }])
  t.strictSame(socket.take(), [])
  socket.say([Op.roomclosed, { uuid: 1 }])
  t.strictSame(socket.take(), [[Op.ping, 64]])
  server.clock.advance(1_000)
  socket.take()
  server.clock.advance(2_000)
  t.strictSame(socket.take(), [])
  socket.say([Op.roomclosed, { uuid: 1 }])
  server.clock.advance(999)
  t.strictSame(socket.take(), [])
  server.clock.advance(1)
  t.strictSame(socket.take(), [[Op.ping, 65]])
})

t.test('impossible acknowledgements from the server are dropped', async (t) => {
  const server = scripted()
  const session = await server.session()
  const socket = server.socket()
  const one = session.rooms()
  const two = session.rooms()
  socket.say([Op.pong, 3])
  t.equal(session.droppedFrames, 1)
  socket.say([Op.pong, 1])
  t.equal(session.droppedFrames, 1)
  socket.end(1006)
  const second = await reconnect(server)
  second.take()
  second.say([Op.ok, 1, { id: 7, recovered: true, received: 1, resume: { token: 't2' } }])
  t.strictSame(second.take(), [
    [Op.ping, 0],
    [Op.rooms, 3, null],
  ])
  second.say([Op.ok, 2, { data: [] }])
  second.say([Op.ok, 3, { data: [] }])
  await Promise.all([one, two])
})

t.test('the timeout of a request runs only while connected', async (t) => {
  const server = scripted()
  const session = await server.session()
  const asked = session.rooms().catch((error) => error.code)
  server.clock.advance(9_000)
  server.socket().say([Op.ping, 0])
  server.socket().end(1006)
  const late = session.rooms().catch((error) => error.code)
  server.random.push(0.9999)
  for (let i = 0; i < 6; i++) {
    server.clock.advance(30_000)
    await settled()
    server.socket().end(1006)
  }
  const socket = await reconnect(server, 30_000)
  socket.say([Op.ok, 1, { id: 7, recovered: true, received: 0, resume: { token: 't2' } }])
  server.clock.advance(999)
  t.equal(await Promise.race([asked, settled()]), undefined)
  server.clock.advance(1)
  t.equal(await asked, 'timeout')
  server.clock.advance(8_999)
  t.equal(await Promise.race([late, settled()]), undefined)
  server.clock.advance(1)
  t.equal(await late, 'timeout')
})

t.test('an invalid or missing answer to hello causes another attempt, and the session survives', async (t) => {
  const server = scripted()
  const session = await server.session()
  server.socket().end(1006)
  const second = await reconnect(server)
  second.answer(Op.hello, { id: 'x' })
  await settled()
  t.strictSame(second.closing, { code: 4002, reason: undefined }, 'a close code that keeps the session')
  t.match(server.events.at(-1), [
    'reconnecting',
    { attempt: 2, code: 1006, reason: /Cannot read the server's message/ },
  ])
  const third = await reconnect(server, 500)
  server.clock.advance(10_000)
  await settled()
  t.match(third.closing, { code: 4002 })
  t.match(server.events.at(-1), ['reconnecting', { attempt: 3, code: 1006, reason: /did not answer hello/ }])
  server.clock.advance(1_000)
  await settled()
  server.clock.advance(10_000)
  await settled()
  t.match(server.events.at(-1), ['reconnecting', { attempt: 4, code: 1006, reason: /did not answer within/ }])
  t.equal(session.state, 'reconnecting')
})
