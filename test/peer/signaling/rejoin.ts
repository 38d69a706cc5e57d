import t from 'tap'
import { Op, SignalError } from '../../../mod.ts'
import type { Membership, Session } from '../../../src/peer/mod.ts'
import type { JoinedRoom } from '../../../src/peer/room/joined-room.ts'
import { rejoin } from '../../../src/peer/signaling/rejoin.ts'
import { fakeClock } from '../../core/fixture/clock.ts'
import {
  hello,
  reconnect,
  type Scripted,
  type ScriptedSocket,
  scripted,
  settled,
  timingOf,
} from '../fixture/scripted-server.ts'

/** Tests how a session rejoins its rooms after a fresh start. Each test plays the server. */

const room = (uuid: number, name = 'lab') => ({ uuid, name, initiator: 0, restrictions: {}, peers: [8] })
const requests = ({ said }: ScriptedSocket) => said.filter(([op]) => op !== Op.ping)
const refusal = (code: string) => ({ code, reason: code, message: code })

interface Inside {
  server: Scripted
  session: Session
  membership: Membership
  /** Events of the membership. */
  log: string[]
}

/** Connects a session that joins room 20 as `join` requests it. */
async function inside(join: (session: Session) => Promise<Membership>): Promise<Inside> {
  const server = scripted()
  const session = await server.session({ info: { name: 'Ada' } })
  const joining = join(session)
  await settled()
  server.socket().answer(Op.connect, room(20))
  const membership = (await joining) as JoinedRoom
  const log: string[] = []
  for (const name of ['restart', 'rejoined', 'interrupt'] as const) {
    const real = membership[name].bind(membership) as (argument: unknown) => void
    Object.assign(membership, {
      [name](argument: unknown) {
        log.push(`${name} ${typeof argument === 'number' ? argument : (argument as { uuid: number }).uuid}`)
        real(argument)
      },
    })
  }
  membership.addEventListener('close', () => log.push('close'))
  return { server, session, membership, log }
}

/** Bodies of the hellos, in order. */
const greetings: unknown[] = []

/** Loses the connection, and reconnects without the old session. */
async function startAfresh(server: Scripted, id = 8): Promise<ScriptedSocket> {
  server.random.unshift(0)
  server.socket().end(1006)
  const socket = await reconnect(server, 0)
  greetings.push(hello(socket))
  socket.answer(Op.hello, { id, recovered: false, rooms: [], resume: { token: `u${id}` } })
  return socket
}

t.test('a room that still exists is rejoined by its uuid', async (t) => {
  const { server, session, membership, log } = await inside((session) =>
    session.join('lab', { create: true, max: 3, users: ['a'], info: { hand: 'left' } }),
  )
  const socket = await startAfresh(server)
  t.strictSame(log, ['restart 8'])
  t.match(server.events.slice(1), [
    ['resumed', { recovered: false }],
    ['rooms', []],
  ])
  t.strictSame(socket.said, [[Op.connect, 3, { room: { uuid: 20 } }]])
  socket.answer(Op.connect, room(20))
  await settled()
  t.strictSame(log, ['restart 8', 'rejoined 20'])
  t.match(membership, { uuid: 20, closed: false })
  t.strictSame(session.info, { name: 'Ada', hand: 'left' })
  t.match(greetings.at(-1), { info: session.info, resume: { token: 't1' } })
  session.close()
  t.strictSame(log, ['restart 8', 'rejoined 20', 'close'])
})

t.test('a room that is gone is created again by name, with its options', async (t) => {
  const { server, session, membership, log } = await inside((session) =>
    session.join('lab', { create: true, max: 3, users: ['a'] }),
  )
  const socket = await startAfresh(server)
  socket.answer(Op.connect, refusal('room-not-found'), false)
  await settled()
  const body = { room: { name: 'lab', restrictions: { max: 3, users: ['a'] } }, create: true }
  t.match(socket.said, [[Op.connect, 4, body]])
  socket.answer(Op.connect, room(21))
  await settled()
  t.strictSame(log, ['restart 8', 'rejoined 21'])
  t.equal(membership.uuid, 21)
  const leaving = membership.leave()
  t.match(socket.said, [[Op.disconnect, 5, { uuid: 21 }]])
  socket.answer(Op.disconnect, { cmd: 'roomclosed' })
  await leaving
  session.close()
})

t.test('a room that is created again has the restrictions that its owner has set meanwhile', async (t) => {
  for (const create of [true, false]) {
    const { server, session, membership } = await inside((session) => session.join('lab', { create }))
    const restricting = membership.restrict({ users: ['a'] })
    await settled()
    server.socket().answer(Op.restrict, room(20))
    await restricting
    const socket = await startAfresh(server)
    socket.answer(Op.connect, refusal('room-not-found'), false)
    await settled()
    const restrictions = create ? { restrictions: { users: ['a'] } } : {}
    t.strictSame(socket.said, [[Op.connect, socket.said[0]?.[1], { room: { name: 'lab', ...restrictions }, create }]])
    session.close()
  }
})

t.test('a rejoin waits for its own room, and does not enter the room of another owner', async (t) => {
  const { server, session, log } = await inside((session) => session.join('lab', { create: true, max: 2 }))
  const socket = await startAfresh(server)
  const refuse = async () => {
    socket.answer(Op.connect, refusal('room-not-found'), false)
    await settled()
    socket.answer(Op.connect, { ...refusal('forbidden'), reason: 'restrictions-differ' }, false)
    await settled()
  }
  await refuse()
  t.strictSame(log, ['restart 8'])
  server.clock.advance(250)
  await settled()
  await refuse()
  server.clock.advance(1_000)
  await settled()
  socket.answer(Op.connect, refusal('room-not-found'), false)
  await settled()
  const asked = socket.said.filter(([op]) => op === Op.connect)
  t.match(asked, [[Op.connect, Number, { room: { name: 'lab', restrictions: { max: 2 } }, create: true }]])
  socket.answer(Op.connect, room(21))
  await settled()
  t.strictSame(log, ['restart 8', 'rejoined 21'])
  session.close()
})

t.test('a uuid with restrictions is rejected before anything is sent', async (t) => {
  const server = scripted()
  const session = await server.session()
  for (const options of [{ max: 2 }, { users: ['a'] }]) {
    await t.rejects(session.join(20, options), { name: 'PeerError', code: 'bad-option' })
  }
  t.strictSame(server.socket().said, [])
  session.close()
})

t.test('rejoin waits for a room that another user has to create', async (t) => {
  const { server, log, session } = await inside((session) => session.join(20))
  const socket = await startAfresh(server)
  const refuseBoth = async () => {
    for (let i = 0; i < 2; i++) {
      socket.answer(Op.connect, refusal('room-not-found'), false)
      await settled()
    }
    t.strictSame(socket.said, [])
  }
  for (let i = 0; i < 2; i++) {
    socket.answer(Op.connect, refusal('room-not-found'), false)
    await settled()
  }
  t.match(socket.said, [[Op.rooms, Number, { subscribe: true, prefix: 'lab' }]], 'the server announces such rooms')
  socket.answer(Op.rooms, { data: [room(29, 'lab 2')] })
  await settled()
  t.strictSame(socket.said, [])
  server.clock.advance(249)
  t.strictSame(socket.said, [])
  server.clock.advance(1)
  await settled()
  await refuseBoth()
  socket.say([Op.roomadded, room(30, 'another')])
  await settled()
  t.strictSame(socket.said, [])
  socket.say([Op.roomadded, room(31)])
  await settled()
  socket.answer(Op.connect, refusal('room-not-found'), false)
  await settled()
  t.match(socket.said, [[Op.connect, Number, { room: { name: 'lab' } }]])
  socket.answer(Op.connect, refusal('room-full'), false)
  await settled()
  server.clock.advance(1_000)
  await settled()
  socket.answer(Op.connect, room(20))
  await settled()
  t.strictSame(log, ['restart 8', 'rejoined 20'])
  t.match(requests(socket), [[Op.rooms, Number, { subscribe: false, prefix: 'lab' }]])
  session.close()
  t.equal(server.clock.waiting, 0)
})

t.test('a room that is created before the subscription is joined at once', async (t) => {
  const { server, session } = await inside((session) => session.join('lab'))
  const socket = await startAfresh(server)
  for (let i = 0; i < 2; i++) {
    socket.answer(Op.connect, refusal('room-not-found'), false)
    await settled()
  }
  socket.answer(Op.rooms, { data: [room(31)] })
  await settled()
  t.match(socket.said, [[Op.connect, Number, { room: { uuid: 20 } }]])
  session.close()
})

t.test('a rejoin that the server refuses for its cost waits as long as the server says', async (t) => {
  const { server, log, session } = await inside((session) => session.join('lab'))
  const socket = await startAfresh(server)
  socket.answer(Op.connect, { ...refusal('rate-limited'), retryAfter: 5_000 }, false)
  await settled()
  socket.answer(Op.rooms, refusal('rate-limited'), false)
  server.clock.advance(4_999)
  await settled()
  t.strictSame(requests(socket), [])
  server.clock.advance(1)
  await settled()
  t.match(requests(socket), [[Op.connect, Number, { room: { uuid: 20 } }]])
  socket.answer(Op.connect, room(20))
  await settled()
  t.strictSame(log, ['restart 8', 'rejoined 20'])
  t.match(
    server.events.filter(([name]) => name === 'error'),
    [],
    'a rejoin goes on without a subscription',
  )
  session.close()
})

t.test('a room that does not return closes the membership and emits an error', async (t) => {
  const { server, log, session } = await inside((session) => session.join('lab'))
  const socket = await startAfresh(server)
  const start = server.clock.now()
  while (!log.includes('close')) {
    while (socket.said.some(([op]) => op === Op.connect)) {
      socket.answer(Op.connect, refusal('room-not-found'), false)
      await settled()
    }
    if (!log.includes('close')) server.clock.advance(100)
    await settled()
  }
  t.equal(server.clock.now() - start, 30_000)
  t.match(server.events.at(-1), ['error', { name: 'SignalError', code: 'room-not-found' }])
  t.equal(session.state, 'connected')
  session.close()
  t.strictSame(log, ['restart 8', 'close'])
})

t.test('a permanent error closes the membership at once', async (t) => {
  const { server, log, session } = await inside((session) => session.join('lab'))
  const socket = await startAfresh(server)
  socket.answer(Op.connect, refusal('forbidden'), false)
  await settled()
  t.strictSame(log, ['restart 8', 'close'])
  t.match(server.events.at(-1), ['error', { code: 'forbidden' }])
  session.close()
})

t.test('a room that is left meanwhile is not rejoined, or left at once', async (t) => {
  const { server, membership, session } = await inside((session) => session.join('lab'))
  const socket = await startAfresh(server)
  await membership.leave()
  t.match(socket.said, [[Op.connect, Number, { room: { uuid: 20 } }]])
  socket.answer(Op.connect, room(20))
  await settled()
  t.match(socket.said, [[Op.disconnect, Number, { uuid: 20 }]])
  session.close()

  const other = await inside((session) => session.join('lab'))
  const line = await startAfresh(other.server)
  await other.membership.leave()
  line.answer(Op.connect, refusal('room-not-found'), false)
  await settled()
  t.strictSame(line.said, [])
  t.match(
    other.server.events.filter(([name]) => name === 'error'),
    [],
  )
  other.session.close()
})

t.test('leaving a room that the server has forgotten succeeds', async (t) => {
  const { server, membership, session } = await inside((session) => session.join('lab'))
  server.socket().end(1006)
  const leaving = membership.leave()
  await settled()
  const socket = await reconnect(server)
  socket.answer(Op.hello, { id: 8, recovered: false, rooms: [], resume: { token: 'u' } })
  await leaving
  t.strictSame(socket.said, [], 'the session does not rejoin it')
  session.close()
})

t.test('a second fresh start restarts the rejoin', async (t) => {
  const { server, log, session } = await inside((session) => session.join('lab'))
  await startAfresh(server, 8)
  const socket = await startAfresh(server, 9)
  t.match(socket.said, [[Op.connect, Number, { room: { uuid: 20 } }]])
  socket.answer(Op.connect, room(20))
  await settled()
  t.strictSame(log, ['restart 8', 'restart 9', 'rejoined 20'])
  t.match(
    server.events.filter(([name]) => name === 'error'),
    [],
  )
  session.close()
})

t.test('peers in the room are announced after the rejoin', async (t) => {
  const { server, membership, session } = await inside((session) => session.join('lab'))
  const people: string[] = []
  // Stubs, because links need WebRTC.
  Object.assign(membership, { addPeer: (arrival: { id: number }) => void people.push(`${arrival.id}`) })
  Object.assign(membership, { rejoined: () => void people.push('rejoined') })
  const socket = await startAfresh(server)
  const arrival = (id: number) => ({ id, info: {}, room: 20, initiator: 8, link: id })
  socket.say([Op.connect, arrival(5)])
  socket.say([Op.connect, arrival(6)])
  socket.say([Op.disconnectPeer, { id: 5, info: {}, room: 20 }])
  t.strictSame(people, [])
  socket.answer(Op.connect, room(20))
  await settled()
  t.strictSame(people, ['rejoined', '6'])
  session.close()
})

t.test('interrupt() interrupts the links too', async (t) => {
  const { session, log } = await inside((session) => session.join('lab'))
  session.interrupt(3)
  t.strictSame(log, ['interrupt 3'])
  session.close()
})

t.test('an aborted rejoin leaves no timers and listeners', async (t) => {
  const clock = fakeClock()
  const waiting = new Set<() => void>()
  let asked = 0
  const refuse = async () => {
    asked++
    throw new SignalError('room-not-found', 'None')
  }
  const options = {
    timing: timingOf(clock),
    byUuid: refuse,
    byName: refuse,
    added(callback: () => void) {
      waiting.add(callback)
      return () => void waiting.delete(callback)
    },
  }
  const giveUp = new AbortController()
  const rejoining = rejoin({ ...options, signal: giveUp.signal })
  await settled()
  t.match({ asked, waiting: waiting.size, timers: clock.waiting }, { asked: 2, waiting: 1, timers: 1 })
  for (const callback of waiting) callback()
  await settled()
  t.match({ asked, waiting: waiting.size, timers: clock.waiting }, { asked: 4, waiting: 1, timers: 1 })
  giveUp.abort(new Error('Enough'))
  await t.rejects(rejoining, { message: 'Enough' })
  t.match({ waiting: waiting.size, timers: clock.waiting }, { waiting: 0, timers: 0 })
})
