/** What a service ends to free memory, and what its users notice. */
import t from 'tap'
import type { WebRTCService, WebRTCServiceOptions } from '../../../src/core/mod.ts'
import { encodeRelay, Op } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKept, type Resumed, resume } from '../fixture/resuming.ts'
import { addUser, join, newService, type TestUser } from '../fixture/user.ts'

/** The limit, the cost of a relay of 10,000 bytes that is kept, and of one that is queued. */
const [LIMIT, KEPT, QUEUED] = [100_000, 10_128, 10_512]

interface Member {
  user: TestUser
  /** Frames of its session until all had entered, which it has acknowledged. */
  received: number
  /** Resumes the session over another connection, with the relays that the client has received. */
  resume(relays?: number): Promise<Resumed>
}

interface Cast {
  service: WebRTCService
  members: Member[]
  /** Sends relays of 10,000 bytes to a user, in one turn, by default from the sender. */
  send(to: Member | undefined, relays: number, from?: Member): Promise<void>
}

/** Starts a service with a sender, and with users with sessions at these addresses, all in one room. */
async function open(addresses: (string | undefined)[], options: WebRTCServiceOptions = {}): Promise<Cast> {
  const service = newService({ clock: fakeClock(), limits: { bufferedBytes: LIMIT }, ...options })
  const sender = addUser(service, 'msgpack')
  join(service, 'lab', sender)
  const members: Member[] = []
  for (const address of addresses) {
    const { user, token } = await addKept(service)
    Object.assign(user.ws, { address })
    join(service, 'lab', user)
    const received = addresses.length
    members.push({
      user,
      received,
      resume: async (relays = 0) => (await resume(service, token, received + relays)).answer,
    })
  }
  // Each has received an event for each of the others and for the sender.
  for (const { user, received } of members) await user.tell('pong', received)
  return {
    service,
    members,
    async send(to, relays, from) {
      const id = to?.user.id as number
      for (let i = 0; i < relays; i++)
        service.receive(encodeRelay(Op.data, id, new Uint8Array(9_989)), (from?.user ?? sender).ws)
      await Promise.resolve()
    },
  }
}

/** From now on, the client reads nothing. Returns whether its connection was cut. */
function stall({ user: { ws } }: Member): { cut: boolean } {
  const line = { cut: false }
  ws.send = (data) => {
    ws.bufferedAmount += data.length
  }
  ws.terminate = () => {
    line.cut = true
    ws.bufferedAmount = 0
  }
  return line
}

const none = { sessions: 0, connections: 0 }

t.test('sessions that wait go before connected users, and the one with the oldest message goes first', async (t) => {
  const { service, send, members } = await open([undefined, undefined, undefined])
  const [slow, first, second] = members as [Member, Member, Member]
  const line = stall(slow)
  await send(slow, 1)
  t.match(service.counts, { kept: KEPT, queued: QUEUED })
  for (const { user } of [second, first]) user.lose()
  await send(second, 1)
  await send(first, 2)
  await send(second, 2)
  await send(slow, 1)
  t.match(service.counts, { kept: 7 * KEPT, queued: 2 * QUEUED, ended: { server: none } })
  await send(slow, 1)
  t.equal(service.counts.waiting, 1)
  t.match(service.counts, { ended: { server: { sessions: 1, connections: 0 } }, resumed: { overflowed: 1 } })
  t.match(service.counts.limited, { bufferedBytes: 1 })
  t.match(await second.resume(), { recovered: false }, 'the client of the session starts afresh')
  t.match(await first.resume(), { recovered: true })
  t.strictSame([slow.user.closed, line.cut], [[], false])
})

t.test('a connected user is closed with 1013 and what it queues is dropped, and its peers are notified', async (t) => {
  const { service, send, members } = await open([undefined, undefined])
  const [slow, peer] = members as [Member, Member]
  const line = stall(slow)
  peer.user.take()
  await send(slow, 4)
  t.notOk(line.cut)
  await send(slow, 1)
  t.strictSame(slow.user.closed, [{ code: 1013, reason: 'Too many bytes are buffered' }])
  t.ok(line.cut)
  t.match(peer.user.take(), [{ event: 'disconnectPeer', data: { id: slow.user.id } }])
  t.match(service.counts, { queued: 0, ended: { server: { sessions: 0, connections: 1 } } })
  t.match(await slow.resume(), { recovered: false })
})

t.test('a client that reads and acknowledges nothing is closed with 1013, and can read that', async (t) => {
  const { send, members } = await open([undefined])
  const [member] = members as [Member]
  let cut = false
  member.user.ws.terminate = () => {
    cut = true
  }
  await send(member, 9)
  t.strictSame(member.user.closed, [])
  await send(member, 1)
  t.match(member.user.closed, [{ code: 1013 }])
  t.notOk(cut)
})

t.test('a user with less than half an equal part stays, although its message is the oldest', async (t) => {
  const { service, send, members } = await open([undefined, undefined])
  const [small, large] = members as [Member, Member]
  small.user.lose()
  await send(small, 1)
  await send(large, 9)
  t.notOk(service.users.has(large.user.id))
  t.match(await small.resume(), { recovered: true })
})

t.test('an address beyond its part loses its own oldest', async (t) => {
  const { service, send, members } = await open(['198.51.100.1', undefined, '203.0.113.7', '203.0.113.7'])
  for (const { user } of members) user.lose()
  const [elsewhere, nowhere, one, two] = members as [Member, Member, Member, Member]
  await send(elsewhere, 2)
  await send(nowhere, 4)
  await send(two, 1)
  await send(one, 1)
  t.equal(service.counts.waiting, 4)
  await send(one, 1)
  t.notOk(service.users.has(two.user.id))
  t.strictSame(service.counts.ended, { server: none, address: { sessions: 1, connections: 0 }, sub: none })
  t.strictSame(two.user.closed, [], 'a session that waits has no connection to close')
})

t.test('an address that may be a proxy has no part', async (t) => {
  const { service, send, members } = await open(['127.0.0.1', '127.0.0.1'])
  for (const { user } of members) {
    Object.assign(user.ws, { isShared: true })
    user.lose()
  }
  for (const member of members) await send(member, 4)
  t.equal(service.counts.waiting, 2)
  t.strictSame(service.counts.ended.address, none)
})

t.test('if an address and the server exceed their limits at once, only the address loses something', async (t) => {
  const { service, send, members } = await open(['a', 'b', 'c', 'd', 'e'])
  const [large, ...others] = members as [Member]
  for (const member of others as Member[]) {
    member.user.lose()
    await send(member, 2)
  }
  await send(large, 3)
  t.match(large.user.closed, [{ code: 1013 }])
  t.strictSame(service.counts.ended, { server: none, address: { sessions: 0, connections: 1 }, sub: none })
})

t.test('a sub beyond its part loses its own oldest, from any address', async (t) => {
  const { service, send, members } = await open(['a', 'b', 'c'], { authenticate: (token) => ({ auth: token }) })
  const [ada, also, bob] = members as [Member, Member, Member]
  for (const member of members) {
    await member.user.ask('hello', { token: member === bob ? 'bob' : 'ada' })
    await member.user.tell('pong', member.received + 1)
  }
  await send(bob, 2)
  await send(ada, 1)
  await send(also, 1)
  t.strictSame(service.counts.ended.sub, none)
  await send(also, 1)
  t.match(ada.user.closed, [{ code: 1013 }])
  t.strictSame([also.user.closed, bob.user.closed], [[], []])
  t.strictSame(service.counts.ended, { server: none, address: none, sub: { sessions: 0, connections: 1 } })
})

t.test('a session that resumes from another address counts there', async (t) => {
  const { service, send, members } = await open(['north', 'north'])
  const [moved, stays] = members as [Member, Member]
  moved.user.lose()
  await send(moved, 2)
  t.match(await moved.resume(), { recovered: true })
  await send(stays, 2)
  t.strictSame(service.counts.ended.address, none)
})

t.test('a message to several users counts for each', async (t) => {
  const { service, members } = await open([undefined, undefined, undefined])
  for (const { user } of members) user.lose()
  await service.createRoom({ name: 'x'.repeat(100) }, members[0]?.user.id)
  const { kept } = service.counts
  t.ok(kept % 3 === 0 && kept > 3 * 228, `${kept} bytes for one event with a name of 100 characters`)
})

t.test('what a closed connection queues counts until the connection is over, and goes first', async (t) => {
  const limits = { bufferedBytes: LIMIT, queuedBytes: 28_000 }
  const { service, send, members } = await open([undefined, undefined, undefined], { limits })
  const [slow, closed, reader] = members as [Member, Member, Member]
  const [line, closedLine] = [stall(slow), stall(closed)]
  for (const member of [slow, closed]) {
    await send(member, 1)
    await send(member, 1, reader)
  }
  for (let i = 0; i < 3; i++) await closed.user.ask('info', { text: 'x'.repeat(4_000) })
  t.match(closed.user.closed, [{ code: 1013, reason: 'Too slow' }])
  t.ok(service.counts.queued > 4 * QUEUED)
  t.strictSame(service.counts.ended.server, none)
  await send(reader, 3)
  t.ok(closedLine.cut)
  t.notOk(line.cut)
  t.strictSame([slow.user.closed, reader.user.closed], [[], []])
  t.strictSame(service.counts.ended.server, { sessions: 0, connections: 1 })
  service.removeUser(slow.user.ws)
  t.equal(service.counts.queued, 0)
})

t.test('what connections have sent meanwhile ends nothing', async (t) => {
  const { service, send, members } = await open([undefined, undefined, undefined])
  for (const member of members) stall(member)
  for (let i = 1; i <= 20; i++) {
    for (const member of members) {
      await send(member, 4)
      await member.user.tell('pong', member.received + 4 * i)
      member.user.ws.bufferedAmount = 0
    }
  }
  t.strictSame(service.counts.ended.server, none)
  service.measure()
  t.equal(service.counts.queued, 0)
})
