/** Tests connections that are made before their peers are known. */
import t from 'tap'
import { Op } from '../../../mod.ts'
import { PreparedPeer } from '../../../src/peer/link/prepared-peer.ts'
import { FakeRoom } from '../fixture/fake-room.ts'
import { fakeWrtc } from '../fixture/fake-wrtc.ts'
import { linkedPair } from '../fixture/linked-pair.ts'
import { scripted, settled } from '../fixture/scripted-server.ts'

const iceServers = [{ urls: 'stun:stun.example.org' }]
const room = (peers: number[]) => ({ uuid: 20, name: 'lab', initiator: 5, restrictions: {}, peers: [...peers, 7] })
const arrival = { id: 5, info: {}, room: 20, initiator: 7, link: 1 }
const greeting = { id: 7, recovered: false, resume: { token: 't1', grace: 30_000 } }

t.test('the offer waits for the peer, and then leaves without another turn', async (t) => {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  room.prepares = true
  room.iceServers = iceServers
  const called: string[] = []
  room.fake.mayFail = (method) => called.push(method)
  const [ada, bob] = [
    room.enter(1, undefined, { startsAtOnce: false }),
    room.enter(2, undefined, { startsAtOnce: false }),
  ]
  await settled()
  t.ok(called.includes('createOffer'))
  t.notOk(called.includes('setLocalDescription'), 'nothing is gathered yet')
  for (const one of [ada, bob]) for (const peer of one.membership.peers.values()) peer.start()
  let turns = 0
  const turn = setTimeout(() => turns++, 0)
  while (room.relayed.length === 0) await null
  clearTimeout(turn)
  t.match(room.relayed, [{ from: 2, name: 'offer', body: { link: 101 } }])
  t.equal(turns, 0)
  const [, prepared] = room.fake.connections
  t.strictSame(prepared?.config.iceServers, iceServers, 'the connection uses the ICE servers that are known now')
})

t.test('a prepared connection carries the first link, and the next ones are made as they are needed', async (t) => {
  const room = new FakeRoom()
  room.prepares = true
  const { bob, isWhole, logged } = await linkedPair(t, room)
  await isWhole()
  // Ada's own prepared connection, which nobody needed, then Bob's, then the one with which Ada answered.
  t.strictSame(
    room.fake.connections.map(({ signalingState }) => signalingState),
    ['closed', 'stable', 'stable'],
  )
  bob.membership.interrupt(0)
  await logged(bob, 'recovered: rebuild')
  await isWhole()
  t.equal(room.fake.connections.length, 5)
})

t.test('a link makes its own connection if the prepared one has failed', async (t) => {
  for (const method of ['RTCPeerConnection', 'createDataChannel', 'createOffer']) {
    const room = new FakeRoom()
    room.prepares = true
    room.fake.mayFail = (called) => {
      if (called === method) throw new Error(`${method} fails`)
    }
    const [ada, bob] = [
      room.enter(1, undefined, { startsAtOnce: false }),
      room.enter(2, undefined, { startsAtOnce: false }),
    ]
    await settled()
    room.fake.mayFail = () => {}
    room.leave(ada)
    room.leave(bob)
    ada.membership.close()
    bob.membership.close()
    const { isWhole } = await linkedPair(t, room)
    await isWhole()
  }
})

t.test('a prepared connection is handed over once, and closed if it is not', async (t) => {
  const { wrtc, connections } = fakeWrtc()
  const one = new PreparedPeer({}, wrtc)
  const peer = one.take()
  t.ok(peer)
  t.equal(one.take(), undefined)
  one.close()
  await settled()
  t.notOk(peer?.destroyed)
  peer?.destroy()
  const other = new PreparedPeer({}, wrtc)
  other.close()
  t.equal(other.take(), undefined)
  await settled()
  t.strictSame(
    connections.map(({ signalingState }) => signalingState),
    ['closed', 'closed'],
  )
})

t.test('a session that joins a room prepares a connection while the server answers', async (t) => {
  for (const isEarly of [true, false]) {
    const { wrtc, connections } = fakeWrtc()
    const server = scripted()
    const connecting = server.connecting({ wrtc })
    const early = isEarly ? connecting.join('lab') : undefined
    await settled()
    t.equal(connections.length, isEarly ? 1 : 0, 'a session that has not joined a room prepares none')
    const socket = server.socket()
    socket.open()
    if (isEarly) socket.say([Op.connect, arrival])
    socket.answer(Op.hello, { ...greeting, ice: { iceServers }, ...(isEarly && { room: room([5]) }) })
    const session = await connecting
    const joined = early ?? session.join('lab')
    await settled()
    if (!isEarly) {
      t.equal(connections.length, 1)
      socket.say([Op.connect, arrival])
      socket.answer(Op.connect, room([5]))
    }
    await joined
    await settled()
    await settled()
    t.match(socket.take(), [[Op.offer, 5, { link: 1, want: { history: 0 } }]])
    t.equal(connections.length, 1)
    t.strictSame(connections[0]?.config.iceServers, iceServers)
    session.close()
    await settled()
    t.equal(connections[0]?.signalingState, 'closed')
  }
})

t.test('a session closes the connections that no link has used', async (t) => {
  const closed = async ({ connections }: ReturnType<typeof fakeWrtc>, count: number, when: string) => {
    await settled()
    await settled()
    t.strictSame(
      connections.map(({ signalingState }) => signalingState),
      Array.from({ length: count }, () => 'closed'),
      when,
    )
  }
  const fake = fakeWrtc()
  const server = scripted()
  const connecting = server.connecting({ wrtc: fake.wrtc })
  const refused = connecting.join('lab')
  refused.catch(() => {})
  await settled()
  const socket = server.socket()
  socket.open()
  const refusal = { code: 'room-full', reason: 'room-full', message: 'Full' }
  socket.answer(Op.hello, { ...greeting, refused: refusal })
  await t.rejects(refused, { code: 'room-full' })
  const session = await connecting
  const alone = session.join('lab')
  await settled()
  t.equal(fake.connections.length, 1, 'the next join uses the connection of the refused one')
  socket.answer(Op.connect, room([]))
  await alone
  await closed(fake, 1, 'nobody is in the room')
  const again = session.join('hall')
  again.catch(() => {})
  await settled()
  socket.answer(Op.connect, refusal, false)
  await t.rejects(again, { code: 'room-full' })
  await closed(fake, 2, 'the user may not enter')
  session.close()

  const gone = fakeWrtc()
  const other = scripted()
  const failing = other.connecting({ wrtc: gone.wrtc })
  const never = failing.join('lab')
  never.catch(() => {})
  await settled()
  t.equal(gone.connections.length, 1)
  other.socket().end(1006)
  await t.rejects(never, { code: 'unreachable' })
  await closed(gone, 1, 'the session cannot connect')
})
