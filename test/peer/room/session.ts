import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocketServer } from 'ws'
import { decodeFrame, encodeFrame, type Frame, Op, SUBPROTOCOL } from '../../../mod.ts'
import { connect } from '../../../src/peer/mod.ts'
import { commands, startServer, type TestServer } from '../../fixture/server.ts'

/** Everything that needs no WebRTC runs on any platform with a WebSocket. */
t.setTimeout(600_000)
let server: TestServer
t.before(async () => {
  server = await startServer(commands.bun)
})
t.after(() => server.stop())

t.test('a room can be created, listed, joined once and left', async (t) => {
  const session = await connect(server.url.replace(/\/$/, '/signal'), { info: { name: 'Ada' } })
  t.teardown(() => session.close())
  t.ok(Number.isSafeInteger(session.id) && session.id > 0)
  const added: string[] = []
  session.addEventListener('roomadded', ({ detail }) => added.push(detail.name))
  await t.rejects(session.join('lab'), { name: 'SignalError', code: 'room-not-found' })
  const room = await session.join('lab', { create: true, max: 2 })
  t.equal(room.name, 'lab')
  t.strictSame(added, ['lab'])
  t.match(await session.rooms(), [{ uuid: room.uuid, name: 'lab', restrictions: { max: 2 }, peers: [session.id] }])
  await t.rejects(session.join(room.uuid), { code: 'forbidden', reason: 'already-in-room' })
  let closed = 0
  room.addEventListener('close', () => closed++)
  await room.leave()
  await room.leave()
  t.equal(closed, 1)
  t.match(await session.rooms(), [{ name: 'lab', peers: [] }])
  t.throws(() => room.publish({ name: 'x' }), { code: 'bad-source' })
  await (await session.join(room.uuid, { info: { name: 'Bo' } })).leave()
  t.strictSame(session.info, { name: 'Bo' })
})

t.test('a publication without receivers counts its samples', async (t) => {
  const session = await connect(server.signal)
  t.teardown(() => session.close())
  const room = await session.join('alone', { create: true })
  const publication = room.publish({ name: 'x', format: 'int8' })
  const errors: string[] = []
  publication.addEventListener('error', ({ detail }) => errors.push(detail.message))
  publication.push([1, 2, 300])
  publication.stop()
  t.match(publication, { samples: 2, refused: 1, chunks: 0, bytes: 0, dropped: 0 })
  t.strictSame(errors, ['Cannot accept a value: it must be a int8: it is the number 300'])
  t.throws(() => room.publish({ nominalRate: -1 }), { code: 'bad-description' })
  for (let i = 0; i < 256; i++) room.publish({ name: `${i}` })
  t.throws(() => room.publish({ name: 'one more' }), { code: 'bad-source' })
})

t.test('unreachable servers and invalid URLs reject with their codes', async (t) => {
  await t.rejects(connect('ws://127.0.0.1:1/signal'), {
    name: 'PeerError',
    code: 'unreachable',
    cause: { code: 1006 },
  })
  // The top-level domain `invalid` has no addresses (RFC 6761, section 6.4).
  await t.rejects(connect('ws://lab.invalid/signal'), {
    code: 'unreachable',
    message: /the name lab\.invalid \(.*--public-url/,
  })
  await t.rejects(connect('/signal'), { code: 'bad-url' })
  await t.rejects(connect('ftp://example.org'), { code: 'bad-url' })
})

t.test('an AbortSignal aborts connect()', async (t) => {
  await t.rejects(connect(server.signal, { signal: AbortSignal.abort(new Error('before')) }), { message: 'before' })
  const giveUp = new AbortController()
  // A server that accepts connections and never answers hello.
  const silent = await fakeServer(t, (_, request) => {
    if (request !== undefined) giveUp.abort(new Error('meanwhile'))
  })
  await t.rejects(connect(silent, { signal: giveUp.signal }), { message: 'meanwhile' })
})

t.test('a closed session rejects all requests', async (t) => {
  const session = await connect(server.signal)
  const room = await session.join('closing', { create: true })
  const details: unknown[] = []
  session.addEventListener('close', ({ detail }) => details.push(detail))
  const waiting = session.rooms()
  session.close()
  session.close()
  await t.rejects(waiting, { code: 'closed' })
  await t.rejects(session.rooms(), { code: 'closed' })
  await room.leave()
  t.strictSame(details, [{ code: 1000, reason: '' }])
})

t.test('the session survives invalid frames from the server and counts them', async (t) => {
  const url = await fakeServer(t, (send, request) => {
    if (request === undefined) return
    if (request[0] === Op.hello) {
      send([Op.ok, request[1] as number, { id: 7 }])
      for (const body of [null, 1, {}, { id: 'x' }]) {
        for (const op of [Op.welcome, Op.rooms, Op.roomadded, Op.connect, Op.disconnectPeer]) send([op, body] as Frame)
      }
      send(new Uint8Array([0xc1]))
      send([Op.ok, 999, null])
      send([Op.error, 0, { code: 'forbidden', reason: 'forbidden', message: 'No' }])
      send([Op.offer, 5, { type: 'offer', sdp: '' }])
    } else send([Op.ok, request[1] as number, 'nonsense'])
  })
  const session = await connect(url)
  t.teardown(() => session.close())
  t.equal(session.id, 7)
  await t.rejects(session.rooms(), { code: 'bad-server' })
  t.match(session, { droppedFrames: 1, droppedSignals: 1 })
  await t.rejects(session.join('x'), { code: 'bad-server' })
})

type Send = (frame: Frame | Uint8Array) => void

/** Starts a server on a free port that answers as the test says. `request` is undefined for a new connection. */
async function fakeServer(t: Tap, answer: (send: Send, request?: Frame) => void): Promise<string> {
  const http: Server = createServer()
  const sockets = new WebSocketServer({ server: http, handleProtocols: () => SUBPROTOCOL })
  sockets.on('connection', (socket) => {
    const send: Send = (frame) => socket.send(frame instanceof Uint8Array ? frame : encodeFrame(frame))
    answer(send)
    socket.on('message', (data: Buffer) => answer(send, decodeFrame(new Uint8Array(data))))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    http.close()
  })
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`
}

type Tap = Pick<typeof t, 'teardown'>

t.end()
