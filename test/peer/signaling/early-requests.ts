/** Tests `connect(url).join(room)`: the request to join travels with `hello`. Each test plays the server, except the last. */
import t from 'tap'
import { decodeFrame, encodeFrame, Op } from '../../../mod.ts'
import { connect, type JoinOptions, type RemotePeer } from '../../../src/peer/mod.ts'
import { commands, startServer } from '../../fixture/server.ts'
import { until } from '../../fixture/until.ts'
import { fakeWrtc } from '../fixture/fake-wrtc.ts'
import { hello, reconnect, type Scripted, scripted, settled } from '../fixture/scripted-server.ts'

const room = (uuid: number, peers: number[] = []) => ({
  ...{ uuid, name: 'lab', initiator: 5, restrictions: {} },
  peers: [...peers, 7],
})
const arrival = (id: number, link: number) => ({ id, info: { name: `${id}` }, room: 20, initiator: 7, link })
const greeting = { id: 7, recovered: false, resume: { token: 't1', grace: 30_000 } }
const refusal = { code: 'room-full', reason: 'room-full', message: 'Cannot join the room: it is full (max 2)' }

/** Connects and joins. The server has received the hello. */
async function joining(options: Parameters<Scripted['connecting']>[0] = {}) {
  const server = scripted()
  const connecting = server.connecting(options)
  const joined = connecting.join('lab', { create: true, info: { role: 'guest' } })
  joined.catch(() => {})
  await settled()
  server.socket().open()
  return { server, connecting, joined, socket: server.socket() }
}

t.test('the request travels with hello, and peers that come before the answer are met', async (t) => {
  const { wrtc, connections } = fakeWrtc()
  const iceServers = [{ urls: 'stun:stun.example.org' }]
  const { server, connecting, joined, socket } = await joining({ wrtc })
  t.strictSame(socket.said, [
    [
      Op.hello,
      1,
      { info: {}, connect: { room: { name: 'lab' }, create: true, info: { role: 'guest' } }, resume: true },
    ],
  ])
  for (const [id, link] of [
    [5, 1],
    [6, 2],
  ] as const) {
    socket.say([Op.connect, arrival(id, link)])
  }
  socket.say([Op.disconnectPeer, { id: 6, info: {}, room: 20 }])
  socket.answer(Op.hello, { ...greeting, room: room(20, [5]), ice: { iceServers } })
  const membership = await joined
  const peers: RemotePeer[] = []
  membership.addEventListener('peer', ({ detail }) => peers.push(detail))
  await until(() => socket.said.some(([op]) => op === Op.offer))
  t.match(membership, { uuid: 20, name: 'lab', closed: false })
  t.match(peers, [{ id: 5, info: { name: '5' } }])
  t.match(socket.take(), [[Op.offer, 5, { link: 1 }]], 'nothing else was requested')
  t.strictSame(connections.at(-1)?.config.iceServers, iceServers, 'links use the ICE servers of the answer')
  const session = await connecting
  t.match(session, { id: 7, state: 'connected', info: { role: 'guest' } })
  server.clock.advance(20_000)
  t.match(
    socket.take().filter(([op]) => op === Op.ping),
    [[Op.ping, 0]],
    'frames before the answer do not count for the session',
  )
  session.close()
})

t.test('a server that does not know connect in hello receives the request after its answer', async (t) => {
  const { connecting, joined, socket } = await joining()
  socket.answer(Op.hello, greeting)
  t.strictSame(socket.said, [[Op.connect, 2, { room: { name: 'lab' }, create: true, info: { role: 'guest' } }]])
  socket.say([Op.connect, arrival(5, 1)])
  socket.answer(Op.connect, room(20, [5]))
  const membership = await joined
  t.strictSame([...membership.peers.keys()], [5])
  const session = await connecting
  session.close()
})

t.test('a refused join rejects, and the session stays', async (t) => {
  const { connecting, joined, socket } = await joining()
  socket.answer(Op.hello, { ...greeting, refused: { ...refusal, retryAfter: 50 } })
  await t.rejects(joined, { name: 'SignalError', ...refusal, retryAfter: 50 })
  const session = await connecting
  t.strictSame(session.info, {})
  const again = session.join('lab')
  await settled()
  socket.answer(Op.connect, room(21))
  t.match(await again, { uuid: 21 })
  session.close()
})

t.test('other requests follow the answer to hello, in their order', async (t) => {
  const server = scripted()
  const connecting = server.connecting()
  const joins = [connecting.join('lab'), connecting.join(30), connecting.join('', { history: -1 })]
  for (const join of joins) join.catch(() => {})
  await settled()
  const socket = server.socket()
  socket.open()
  t.match(hello(socket), { connect: { room: { name: 'lab' } } })
  socket.answer(Op.hello, { ...greeting, room: room(20) })
  t.match(socket.said, [[Op.connect, 3, { room: { uuid: 30 } }]])
  socket.answer(Op.connect, room(30))
  t.match(await Promise.all(joins.slice(0, 2)), [{ uuid: 20 }, { uuid: 30 }])
  await t.rejects(joins[2] as Promise<unknown>, { code: 'bad-option' })
  const session = await connecting
  session.close()
})

t.test('a join that comes after hello has left waits for its answer', async (t) => {
  const server = scripted()
  const connecting = server.connecting()
  await settled()
  server.socket().open()
  t.notOk('connect' in (hello(server.socket()) as object))
  const joined = connecting.join('lab')
  await settled()
  t.equal(server.socket().said.length, 1)
  server.socket().answer(Op.hello, greeting)
  server.socket().answer(Op.connect, room(20))
  t.match(await joined, { uuid: 20 })
  const session = await connecting
  session.close()
})

t.test('if the session cannot connect, the join rejects with the same error', async (t) => {
  const failures: [(server: Scripted) => void, { code: string }][] = [
    [({ socket }) => socket().end(1006), { code: 'closed' }],
    [({ clock }) => clock.advance(10_000), { code: 'timeout' }],
    [({ socket }) => socket().answer(Op.hello, { ...refusal, code: 'unauthorized' }, false), { code: 'unauthorized' }],
    [({ socket }) => socket().answer(Op.hello, { ...greeting, room: { uuid: 'x' } }), { code: 'bad-server' }],
  ]
  for (const [fail, expected] of failures) {
    const { server, connecting, joined } = await joining()
    fail(server)
    await t.rejects(joined, expected)
    await t.rejects(connecting, expected)
    t.equal(server.clock.waiting, 0)
  }
  await t.rejects(connect('ftp://example.org').join('lab'), { code: 'bad-url' })
  const server = scripted()
  const broken = server.connecting().join('lab', { info: { say: () => {} } })
  await settled()
  server.socket().open()
  t.notOk('connect' in (hello(server.socket()) as object), 'a request that cannot be encoded does not travel')
  server.socket().answer(Op.hello, greeting)
  await t.rejects(broken, { code: 'bad-frame' })
})

t.test('an aborted join leaves the room that the answer to hello has', async (t) => {
  const server = scripted()
  const connecting = server.connecting()
  const giveUp = new AbortController()
  const joined = connecting.join('lab', { signal: giveUp.signal })
  joined.catch(() => {})
  await settled()
  const socket = server.socket()
  socket.open()
  giveUp.abort(new Error('Enough'))
  socket.answer(Op.hello, { ...greeting, room: room(20) })
  await t.rejects(joined, { message: 'Enough' })
  await settled()
  t.match(socket.said, [[Op.disconnect, Number, { uuid: 20 }]])
  const session = await connecting
  session.close()
})

t.test('the session leaves the room if it cannot create certificates', async (t) => {
  const { wrtc } = fakeWrtc()
  const Failing = Object.assign(wrtc.RTCPeerConnection as typeof RTCPeerConnection, {
    generateCertificate: () => Promise.reject(new Error('No entropy')),
  })
  const { connecting, joined, socket } = await joining({ wrtc: { ...wrtc, RTCPeerConnection: Failing } })
  socket.answer(Op.hello, { ...greeting, room: room(20) })
  await t.rejects(joined, { message: 'No entropy' })
  t.match(socket.said, [[Op.disconnect, Number, { uuid: 20 }]])
  const session = await connecting
  session.close()
})

/** Joins, and receives the answer. The membership then waits for its certificates. */
async function entering(options: JoinOptions = {}) {
  const { wrtc } = fakeWrtc()
  const Slow = Object.assign(wrtc.RTCPeerConnection as typeof RTCPeerConnection, {
    generateCertificate: () => new Promise(() => {}),
  })
  const server = scripted()
  const connecting = server.connecting({ wrtc: { ...wrtc, RTCPeerConnection: Slow } })
  const joined = connecting.join('lab', options)
  joined.catch(() => {})
  await settled()
  const socket = server.socket()
  socket.open()
  socket.answer(Op.hello, { ...greeting, room: room(20) })
  const session = await connecting
  await settled()
  return { server, session, joined, socket }
}

t.test('a join that waits for certificates can be aborted, and leaves the room', async (t) => {
  const giveUp = new AbortController()
  const { session, joined, socket } = await entering({ signal: giveUp.signal })
  giveUp.abort(new Error('Enough'))
  await t.rejects(joined, { message: 'Enough' })
  await settled()
  t.match(socket.said, [[Op.disconnect, Number, { uuid: 20 }]])
  session.close()
})

t.test('a join that waits for certificates rejects if the server removes the user or closes the room', async (t) => {
  for (const frame of [
    [Op.kicked, { uuid: 20, code: 'kicked', reason: '' }],
    [Op.roomclosed, { uuid: 20 }],
  ] as const) {
    const { session, joined, socket } = await entering()
    socket.say([...frame])
    await t.rejects(joined, { name: 'SignalError', code: 'not-in-room' })
    await settled()
    t.strictSame(socket.said, [], 'the user is out already')
    session.close()
  }
})

t.test('a join that waits for certificates rejects after a fresh start', async (t) => {
  const { server, session, joined, socket } = await entering()
  socket.end(1006)
  const second = await reconnect(server)
  second.answer(Op.hello, { ...greeting, id: 8 })
  await t.rejects(joined, { name: 'PeerError', code: 'lost' })
  await settled()
  t.strictSame(second.said, [])
  session.close()
})

t.test('a room that was joined with hello outlives connections and fresh starts', async (t) => {
  const { server, connecting, joined, socket } = await joining()
  socket.answer(Op.hello, { ...greeting, room: room(20) })
  const membership = await joined
  const session = await connecting
  socket.end(1006)
  const second = await reconnect(server)
  t.strictSame(hello(second), { info: { role: 'guest' }, resume: { token: 't1', received: 0 } })
  second.answer(Op.hello, { id: 7, recovered: true, received: 0, resume: { token: 't2', grace: 30_000 } })
  await settled()
  t.notOk(second.said.some(([op]) => op === Op.connect))
  second.end(1006)
  const third = await reconnect(server, 500)
  third.answer(Op.hello, { ...greeting, id: 8 })
  await settled()
  t.match(
    third.said.filter(([op]) => op === Op.connect),
    [[Op.connect, Number, { room: { uuid: 20 } }]],
  )
  t.equal(membership.closed, false)
  session.close()
})

/** What a server of an earlier draft of version 1 sees of each message: it ignores `connect` in `hello`. */
class SocketToOldServer extends WebSocket {
  override send(data: Uint8Array<ArrayBuffer>): void {
    const [op, seq, body] = decodeFrame(data)
    super.send(op === Op.hello ? encodeFrame([op, seq as number, { ...(body as object), connect: undefined }]) : data)
  }
}

t.test('peers of a real server meet, whether or not it knows connect in hello', async (t) => {
  const server = await startServer(commands.bun)
  t.teardown(() => server.stop())
  const ids: number[] = []
  for (const options of [{}, { WebSocket: SocketToOldServer }, {}]) {
    const connecting = connect(server.signal, options)
    const membership = await connecting.join('lab', { create: true })
    const session = await connecting
    t.teardown(() => session.close())
    t.strictSame([...membership.peers.keys()], ids)
    ids.push(session.id)
  }
  const failures = { nowhere: 'room-not-found', ['x'.repeat(999)]: 'bad-frame' }
  for (const [name, code] of Object.entries(failures)) {
    const connecting = connect(server.signal)
    await t.rejects(connecting.join(name), { code })
    const session = await connecting
    t.match(await session.rooms(), [{ name: 'lab', peers: ids }])
    session.close()
  }
})

t.end()
