/** Tests `signal` of `join` and `connect`. Each test plays the server, except the last. */
import t from 'tap'
import { decodeFrame, Op } from '../../../mod.ts'
import { connect, type JoinOptions } from '../../../src/peer/mod.ts'
import { commands, startServer } from '../../fixture/server.ts'
import { reconnect, type Scripted, scripted, settled } from '../fixture/scripted-server.ts'

const room = (uuid: number) => ({ uuid, name: 'lab', initiator: 7, restrictions: {}, peers: [7] })
const refusal = (code: string) => ({ code, reason: code, message: code })
const errors = ({ events }: Scripted) => events.filter(([name]) => name === 'error')

/** Sends the request of a join that can be aborted. */
async function joining(options: JoinOptions = {}) {
  const server = scripted()
  const session = await server.session()
  const giveUp = new AbortController()
  const promise = session.join('lab', { ...options, signal: giveUp.signal })
  await settled()
  return { server, session, promise, abort: () => giveUp.abort(new Error('Enough')) }
}

t.test('a join that is aborted before its request sends nothing', async (t) => {
  const server = scripted()
  const session = await server.session()
  server.socket().take()
  await t.rejects(session.join('lab', { signal: AbortSignal.abort(new Error('Before')) }), { message: 'Before' })
  const giveUp = new AbortController()
  const promise = session.join('lab', { signal: giveUp.signal })
  giveUp.abort(new Error('At once'))
  await t.rejects(promise, { message: 'At once' })
  await settled()
  t.strictSame(server.socket().take(), [])
  session.close()
})

t.test('a join rejects as soon as it is aborted, and leaves the room that the server answers later', async (t) => {
  const { server, session, promise, abort } = await joining()
  abort()
  await t.rejects(promise, { message: 'Enough' })
  t.match(server.socket().said, [[Op.connect, 2, { room: { name: 'lab' } }]], 'the server has not answered')
  server.socket().say([Op.connect, { id: 5, info: {}, room: 20, initiator: 7, link: 1 }])
  server.socket().answer(Op.connect, room(20))
  await settled()
  t.match(server.socket().said, [[Op.disconnect, 3, { uuid: 20 }]])
  server.socket().answer(Op.disconnect, { cmd: 'roomclosed' })
  await settled()
  server.socket().end(1006)
  const socket = await reconnect(server)
  socket.answer(Op.hello, { id: 8, recovered: false, rooms: [] })
  await settled()
  t.strictSame(socket.take(), [], 'a fresh start does not rejoin the room')
  t.strictSame(errors(server), [])
  session.close()
})

t.test('an aborted join that the server rejects is only aborted', async (t) => {
  const { server, session, promise, abort } = await joining()
  abort()
  await t.rejects(promise, { message: 'Enough' })
  server.socket().answer(Op.connect, refusal('room-full'), false)
  await settled()
  t.strictSame(server.socket().take(), [])
  t.strictSame(errors(server), [])
  session.close()
})

t.test('a join waits until an aborted one has left, because the room may be the same', async (t) => {
  const { server, session, promise, abort } = await joining()
  abort()
  await t.rejects(promise, { message: 'Enough' })
  const again = session.join('lab')
  const giveUp = new AbortController()
  const third = session.join('lab', { signal: giveUp.signal })
  await settled()
  t.equal(server.socket().said.length, 1, 'the second request waits')
  giveUp.abort(new Error('Impatient'))
  await t.rejects(third, { message: 'Impatient' }, 'the wait can be aborted too')
  server.socket().answer(Op.connect, room(20))
  await settled()
  t.match(server.socket().said, [[Op.disconnect, 3, { uuid: 20 }]])
  server.socket().answer(Op.disconnect, { cmd: 'roomclosed' })
  await settled()
  t.match(server.socket().said, [[Op.connect, 4, { room: { name: 'lab' } }]])
  server.socket().answer(Op.connect, room(20))
  t.match(await again, { uuid: 20, closed: false })
  session.close()
})

t.test('the session emits an error if it cannot leave the room of an aborted join', async (t) => {
  const { server, session, promise, abort } = await joining()
  abort()
  await t.rejects(promise, { message: 'Enough' })
  server.socket().answer(Op.connect, room(20))
  await settled()
  server.socket().answer(Op.disconnect, refusal('rate-limited'), false)
  await settled()
  t.match(errors(server), [['error', { code: 'rate-limited' }]])
  const again = session.join('lab')
  await settled()
  server.socket().answer(Op.connect, refusal('forbidden'), false)
  await t.rejects(again, { code: 'forbidden' }, 'the next join does not wait for ever')
  session.close()
})

t.test('a session that ends meanwhile emits no error', async (t) => {
  const { server, session, promise, abort } = await joining()
  abort()
  await t.rejects(promise, { message: 'Enough' })
  server.socket().answer(Op.connect, room(20))
  await settled()
  session.close()
  await settled()
  t.strictSame(errors(server), [])
  t.equal(server.clock.waiting, 0)
})

t.test('an aborted join leaves after a resume, and not after a fresh start', async (t) => {
  for (const recovered of [true, false]) {
    const { server, session, promise, abort } = await joining()
    server.socket().end(1006)
    abort()
    await t.rejects(promise, { message: 'Enough' })
    const socket = await reconnect(server)
    socket.answer(Op.hello, { id: 7, recovered, received: 0, resume: { token: 't2' } })
    await settled()
    if (recovered) socket.answer(Op.connect, room(20))
    await settled()
    t.equal(socket.said.filter(([op]) => op === Op.disconnect).length, recovered ? 1 : 0)
    t.strictSame(errors(server), [])
    session.close()
  }
})

t.test('a signal that aborts after the join has no effect', async (t) => {
  const { server, session, promise, abort } = await joining({ create: true })
  server.socket().answer(Op.connect, room(20))
  const membership = await promise
  abort()
  await settled()
  t.equal(membership.closed, false)
  t.strictSame(server.socket().take(), [])
  session.close()
})

t.test('an aborted connect() closes its connection', async (t) => {
  const server = scripted()
  const giveUp = new AbortController()
  const connecting = server.connecting({ signal: giveUp.signal })
  await settled()
  server.socket().open()
  giveUp.abort(new Error('Enough'))
  await t.rejects(connecting, { message: 'Enough' })
  t.match(server.socket().closing, { code: 1000 })
  server.socket().answer(Op.hello, { id: 7, recovered: false, rooms: [] })
  await settled()
  t.strictSame(server.socket().take(), [], 'a late answer has no effect')
  t.equal(server.clock.waiting, 0)
})

t.test('a real server has no user in the room after an aborted join', async (t) => {
  const server = await startServer(commands.bun)
  t.teardown(() => server.stop())
  const giveUp = new AbortController()
  let sent = 0
  /** Aborts as soon as the request to join is on its way. */
  class AbortingSocket extends WebSocket {
    override send(data: Uint8Array<ArrayBuffer>): void {
      super.send(data)
      if (decodeFrame(data)[0] !== Op.connect) return
      sent++
      giveUp.abort(new Error('Too late'))
    }
  }
  const session = await connect(server.signal, { WebSocket: AbortingSocket })
  t.teardown(() => session.close())
  await t.rejects(session.join('lab', { create: true, signal: giveUp.signal }), { message: 'Too late' })
  t.equal(sent, 1)
  const watcher = await connect(server.signal)
  t.teardown(() => watcher.close())
  const again = await session.join('lab')
  t.match(await watcher.rooms(), [{ name: 'lab', peers: [session.id] }], 'the room can be joined again')
  await again.leave()
  t.match(await watcher.rooms(), [{ name: 'lab', peers: [] }])
})

t.end()
