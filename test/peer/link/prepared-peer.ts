/** Tests connections that are created before their peers are known. */
import t, { type Test } from 'tap'
import { Op } from '../../../mod.ts'
import { PreparedPeer } from '../../../src/peer/link/prepared-peer.ts'
import type { RemotePeer, Session } from '../../../src/peer/mod.ts'
import { until } from '../../fixture/until.ts'
import { FakeRoom } from '../fixture/fake-room.ts'
import { type FakeWrtc, fakeWrtc } from '../fixture/fake-wrtc.ts'
import { peerOf } from '../fixture/linked-pair.ts'
import { type Scripted, type ScriptedSocket, scripted, settled } from '../fixture/scripted-server.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const iceServers = [{ urls: 'stun:stun.example.org' }]
const states = ({ connections }: FakeWrtc) => connections.map(({ signalingState }) => signalingState)

/** Waits until a condition holds, without a turn of the event loop. @returns whether it did */
async function withoutTurn(holds: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100 && !holds(); i++) await null
  return holds()
}

/** A room of two members in virtual time. Bob enters after Ada, so he sends the offers. */
function meet(t: Test, change: (room: FakeRoom) => void, startsAtOnce = true) {
  const time = new VirtualTime()
  time.install()
  const room = new FakeRoom()
  t.teardown(() => {
    room.close()
    time.uninstall()
  })
  const ada = room.enter(1)
  change(room)
  const bob = room.enter(2, undefined, { startsAtOnce })
  const isConnected = () => [ada, bob].every((one) => peerOf(one).state === 'connected')
  return { time, room, fake: room.fake, bob, isConnected }
}

t.test('the offer waits for the peer, then leaves without a turn, and sets the known servers first', async (t) => {
  const called: string[] = []
  const prepare = (room: FakeRoom) => {
    room.prepares = 0
    room.iceServers = iceServers
    room.fake.mayFail = (method) => called.push(method)
  }
  const { time, room, fake, bob, isConnected } = meet(t, prepare, false)
  await time.pass(1)
  t.ok(called.includes('createOffer'))
  t.notOk(called.includes('setLocalDescription'), 'nothing is gathered yet')
  t.strictSame(room.relayed, [])
  peerOf(bob).start()
  t.ok(await withoutTurn(() => room.relayed.length > 0))
  t.match(room.relayed, [{ from: 2, name: 'offer', body: { link: 101 } }])
  t.strictSame(fake.connections[0]?.config.iceServers, iceServers)
  t.ok(await time.until(isConnected, 1))
  const [configured, gathered] = ['setConfiguration', 'setLocalDescription'].map((name) => called.indexOf(name))
  t.ok((configured as number) >= 0 && (configured as number) < (gathered as number), `${called}`)
})

t.test('a prepared connection carries the first link, and the next link has another', async (t) => {
  const { time, fake, bob, isConnected } = meet(t, (room) => {
    room.prepares = 10
  })
  t.ok(await time.until(isConnected, 1))
  t.strictSame(states(fake), ['stable', 'stable'], 'Bob’s and Ada’s')
  bob.membership.interrupt(0)
  t.ok(await time.until(() => bob.log.includes('recovered: rebuild') && isConnected(), 60))
  t.equal(fake.connections.length, 4)
})

for (const method of ['RTCPeerConnection', 'createDataChannel', 'createOffer', 'setConfiguration']) {
  t.test(`the link creates its own connection at once if ${method} fails on the prepared one`, async (t) => {
    let failed = 0
    const { time, bob, isConnected } = meet(t, (room) => {
      room.prepares = 10
      room.fake.mayFail = (called) => {
        if (called === method && failed++ === 0) throw new Error(`${method} fails`)
      }
    })
    t.ok(await time.until(isConnected, 1))
    t.ok(failed > 0)
    t.strictSame(bob.log, ['peer 1', 'connect 1'], 'the link recovered from nothing')
  })
}

t.test('a prepared connection is taken once, and closed unless it is taken', async (t) => {
  const fake = fakeWrtc()
  const taken = new PreparedPeer()
  taken.open({}, fake.wrtc)
  t.ok(taken.isReady)
  const peer = taken.take({ iceServers })
  t.ok(peer)
  t.notOk(taken.isReady)
  t.equal(taken.take({ iceServers }), undefined)
  taken.close()
  await settled()
  t.strictSame(states(fake), ['stable'])
  peer?.destroy()
  const other = new PreparedPeer()
  other.open({}, fake.wrtc)
  other.close()
  t.equal(other.take({ iceServers }), undefined)
  await settled()
  t.strictSame(states(fake), ['closed', 'closed'])
  other.open({}, fake.wrtc)
  t.equal(fake.connections.length, 2, 'close() before open() leaves nothing to close')
})

const room = (peers: number[]) => ({ uuid: 20, name: 'lab', initiator: 5, restrictions: {}, peers: [...peers, 7] })
const arrival = { id: 5, info: {}, room: 20, initiator: 7, link: 1 }
const greeting = { id: 7, recovered: false, resume: { token: 't1', grace: 30_000 }, ice: { iceServers } }
const refusal = { code: 'room-full', reason: 'room-full', message: 'Full' }

for (const isEarly of [true, false]) {
  const how = isEarly ? 'while it connects' : 'when it is connected'
  t.test(`a session that joins ${how} prepares a connection while the server answers`, async (t) => {
    const { fake, connecting, socket } = starting(t)
    const early = isEarly ? connecting.join('lab') : undefined
    if (!isEarly) {
      await settled()
      socket().open()
      socket().answer(Op.hello, greeting)
    }
    const joined = early ?? (await connecting).join('lab')
    await until(() => fake.connections.length > 0)
    await settled()
    if (isEarly) socket().open()
    socket().say([Op.connect, arrival])
    if (isEarly) socket().answer(Op.hello, { ...greeting, room: room([5]) })
    else socket().answer(Op.connect, room([5]))
    const hasOffer = () => socket().said.some(([op]) => op === Op.offer)
    t.ok(await withoutTurn(hasOffer), 'the offer follows the answer at once')
    t.match(socket().take(), [[Op.offer, 5, { link: 1, want: { history: 0 } }]])
    const membership = await joined
    const met: RemotePeer[] = []
    membership.addEventListener('peer', ({ detail }) => met.push(detail))
    await until(() => met.length > 0)
    t.match(met, [{ id: 5, state: 'connecting' }], 'a listener that is added after join misses nothing')
    await settled()
    t.strictSame(
      fake.connections.map(({ config }) => config.iceServers),
      [iceServers],
    )
    t.strictSame(states(fake), ['have-local-offer'], 'the link has it')
    const session = await connecting
    session.close()
    await until(() => states(fake)[0] === 'closed')
  })
}

t.test('a session that joins no room prepares no connection', async (t) => {
  const { fake, connecting, socket } = starting(t)
  await settled()
  socket().open()
  socket().answer(Op.hello, greeting)
  await connecting
  await settled()
  t.equal(fake.connections.length, 0)
})

/** How a join ends without a link, by what the test does. */
const ends: Record<string, (join: Started & { giveUp: AbortController }) => void> = {
  'nobody is in the room': ({ socket }) => socket().answer(Op.hello, { ...greeting, room: room([]) }),
  'the server refuses the join': ({ socket }) => socket().answer(Op.hello, { ...greeting, refused: refusal }),
  'the server refuses the session': ({ socket }) => socket().answer(Op.hello, refusal, false),
  'the connection fails': ({ socket }) => socket().end(1006),
  'the join is aborted': ({ giveUp }) => giveUp.abort(new Error('Enough')),
  'the session is closed at the answer': ({ socket, connecting }) => {
    connecting.then((session: Session) => session.close())
    socket().answer(Op.hello, { ...greeting, room: room([5]) })
  },
}

for (const [why, end] of Object.entries(ends)) {
  t.test(`a prepared connection is closed if ${why}`, async (t) => {
    const started = starting(t)
    const { fake, connecting, socket } = started
    const giveUp = new AbortController()
    const joined = connecting.join('lab', { signal: giveUp.signal })
    joined.catch(() => {})
    await until(() => fake.connections.length > 0)
    t.strictSame(states(fake), ['stable'])
    socket().open()
    end({ ...started, giveUp })
    await until(
      () => states(fake)[0] === 'closed',
      () => states(fake),
    )
    t.equal(fake.connections.length, 1)
  })
}

interface Started {
  fake: FakeWrtc
  connecting: ReturnType<Scripted['connecting']>
  socket(): ScriptedSocket
}

/** Starts a session on fake WebRTC. The socket exists after the next turn. */
function starting(t: Test): Started {
  const fake = fakeWrtc()
  const server = scripted()
  const connecting = server.connecting({ wrtc: fake.wrtc })
  // The server may never answer, so the teardown does not wait.
  t.teardown(() => {
    connecting.then(
      (session) => session.close(),
      () => {},
    )
  })
  return { fake, connecting, socket: server.socket }
}
