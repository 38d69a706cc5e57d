import t from 'tap'
import { EVERYTHING } from '../../../src/peer/signaling/permissions.ts'
import { StreamError } from '../../../src/streams/mod.ts'
import { until } from '../../fixture/until.ts'
import { FakeRoom } from '../fixture/fake-room.ts'
import type { FakeConnection } from '../fixture/fake-wrtc.ts'
import { linkedPair, peerOf } from '../fixture/linked-pair.ts'

t.setTimeout(600_000)
// Each test has its own room and mostly waits.
t.jobs = 20

t.test('the initiator rebuilds a lost link, whichever side lost it', async (t) => {
  const { room, ada, bob, push, isWhole, logged } = await linkedPair(t)
  const { connections } = room.fake
  // First Bob's connection: he notices it himself. Then Ada's. The newest two are always the open ones.
  for (const [round, which] of [-1, -2].entries()) {
    connections.at(which)?.hangUp(connections.at(which)?.other as never)
    push()
    await Promise.all([logged(ada, 'recovered: rebuild', round + 1), logged(bob, 'recovered: rebuild', round + 1)])
    await isWhole()
  }
  t.strictSame(
    room.relayed.filter(({ name }) => name === 'offer').map(({ from, body }) => [from, body.attempt]),
    [
      [2, undefined],
      [2, 1],
      [2, 2],
    ],
  )
  t.ok(room.relayed.some(({ from, body }) => from === 1 && body.type === 'rebuild'))
  t.equal(peerOf(ada).state, 'connected')
  t.equal(connections.filter(({ signalingState }) => signalingState !== 'closed').length, 2)
})

t.test('a link opens with its channel and does not wait for statistics', async (t) => {
  const room = new FakeRoom()
  const { prototype } = room.fake.wrtc.RTCPeerConnection as { prototype: { getStats(): Promise<unknown> } }
  prototype.getStats = () => new Promise(() => {})
  const { isWhole } = await linkedPair(t, room)
  await isWhole()
})

t.test('on a lost route the initiator restarts ICE, the other side requests it, the channel survives', async (t) => {
  const { room, ada, bob, isWhole, logged } = await linkedPair(t)
  // Bob last: requested restarts have a minimum interval, his own have none.
  for (const [i, one] of [ada, bob].entries()) {
    const connection = room.fake.connections[one === bob ? 1 : 0]
    connection?.setConfiguration({ ...connection.config, iceServers: [{ urls: 'turn:of-an-hour-ago' }] })
    connection?.ice('disconnected')
    await logged(one, 'recovered: restart')
    await logged(one, `restarted ${one === bob ? 1 : 2}`)
    t.equal(room.fake.connections[1]?.restarts, i + 1)
    t.strictSame(connection?.config.iceServers, room.iceServers, 'the restart uses the current ICE servers')
    // The other side had not lost its route, and the restart did not harm it.
    await isWhole()
  }
  t.equal(room.fake.connections.length, 2)
  t.ok(room.relayed.some(({ from, body }) => from === 1 && body.type === 'restart'))
})

t.test('after a lost link the next one uses TURN only, if there is a TURN server', async (t) => {
  const room = new FakeRoom()
  room.iceServers = [{ urls: ['stun:x', 'turn:x'], username: 'u', credential: 'c' }]
  const { bob, ada, logged, isWhole } = await linkedPair(t, room)
  const { connections } = room.fake
  room.iceServers = [{ urls: 'turn:y', username: 'v', credential: 'c' }]
  connections.at(-1)?.hangUp(connections.at(-1)?.other as never)
  await Promise.all([logged(bob, 'recovered: relay'), logged(ada, 'recovered: relay')])
  t.equal(connections.at(-2)?.config.iceTransportPolicy ?? connections.at(-1)?.config.iceTransportPolicy, 'relay')
  t.ok(
    connections.slice(2).every(({ config }) => config.iceServers?.[0]?.urls === 'turn:y'),
    'new connections use newly requested credentials',
  )
  await isWhole()
})

t.test('a flood of offers opens a limited number of links', async (t) => {
  const { room, ada } = await linkedPair(t)
  const offer = room.relayed.find(({ name }) => name === 'offer')?.body as Record<string, unknown>
  const made = room.fake.connections.length
  for (let attempt = 1; attempt <= 100; attempt++) peerOf(ada).receiveSignal('offer', { ...offer, attempt })
  t.equal(room.fake.connections.length, made + 16)
})

t.test('signals that arrive before start() are not lost', async (t) => {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  const ada = room.enter(1)
  const bob = room.enter(2, EVERYTHING, { startsAtOnce: false })
  // Old clients send an offer to every newcomer at once.
  const old = room.fake.wrtc.RTCPeerConnection as new (config: RTCConfiguration) => FakeConnection
  const connection = new old({})
  const channel = connection.createDataChannel('TP9')
  const offer = await connection.createOffer()
  await connection.setLocalDescription(offer)
  ada.membership.removePeer(2)
  peerOf(bob).receiveSignal('offer', offer)
  peerOf(bob).start()
  const answers = () => room.relayed.filter(({ from, name }) => from === 2 && name === 'answer')
  await until(
    () => answers().length > 0,
    () => room.relayed,
  )
  t.equal(answers().length, 1)
  await connection.setRemoteDescription(answers()[0]?.body as { type: string; sdp: string })
  await until(() => channel.readyState === 'open')
  await until(
    () => bob.log.includes('connect 1'),
    () => bob.log,
  )
})

t.test('an open link on which nothing arrives is rebuilt', { timeout: 180_000 }, async (t) => {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  let lost = 0
  // Lose the first message of the first link. It says what Bob requests.
  room.fake.loses = (connection) => connection === room.fake.connections[1] && lost++ === 0
  const ada = room.enter(1)
  const bob = room.enter(2)
  await until(
    () => [ada, bob].every(({ log }) => log.some((line) => line.startsWith('connect'))),
    () => [ada.log, bob.log],
  )
  t.ok(lost > 0)
  // Either Ada's own timeout or Bob's request comes first.
  t.match(ada.log[1], /^recovering: (timeout|asked) rebuild$/)
  t.strictSame(ada.log.slice(-2), ['recovered: rebuild', 'connect 2'])
  t.strictSame(
    [ada, bob].map((one) => peerOf(one).state),
    ['connected', 'connected'],
  )
})

t.test('a first connection that fails is rebuilt as a lost one is', { timeout: 180_000 }, async (t) => {
  const room = new FakeRoom()
  // Lose all answers to the first attempt.
  room.loses = ({ name, body }) => name === 'answer' && body.attempt === undefined
  t.teardown(() => room.close())
  const ada = room.enter(1)
  const bob = room.enter(2)
  await until(
    () => bob.log.includes('connect 1'),
    () => [ada.log, bob.log],
  )
  t.strictSame(bob.log, ['peer 1', 'recovering: timeout rebuild', 'recovered: rebuild', 'connect 1'])
})

t.test('a peer that breaks the protocol is closed for good, and both sides emit an error', async (t) => {
  const { room, ada, bob, logged } = await linkedPair(t)
  const offersOf = (id: number) =>
    room.relayed.filter(({ name, from, to }) => name === 'offer' && from === id && to === 1)
  peerOf(bob).close(new StreamError('bad-control', 'Cannot'))
  await logged(ada, 'error: link-failed')
  await logged(ada, 'close 2')
  t.ok(bob.log.includes('error: bad-control'))
  const eve = room.enter(3)
  await logged(eve, 'connect 1')
  // A second recovery takes longer than a first one, so Bob's would have begun by then.
  for (const times of [1, 2]) {
    const connection = room.fake.connections.findLast(({ other }) => other !== undefined)
    connection?.hangUp(connection.other as never)
    await logged(eve, 'recovered: rebuild', times)
  }
  t.equal(offersOf(2).length, 1)
  t.notOk(ada.log.includes('recovering: failed rebuild'))
})

t.test('when both sessions start afresh without a link, streams continue at the new peer', async (t) => {
  const { room, ada, bob, push, isWhole, logged } = await linkedPair(t)
  room.fake.isUp = false
  room.restart(ada, 11)
  room.restart(bob, 12)
  for (const connection of room.fake.connections) connection.hangUp(connection.other as never)
  push()
  room.fake.isUp = true
  room.introduce(ada, bob)
  await logged(bob, 'resumed ramp of 11')
  await isWhole()
  t.ok(bob.log.includes('peerleave 1'))
  t.notOk(bob.log.includes('streamend ramp of 1'))
  t.equal(bob.log.filter((line) => line.startsWith('stream ')).length, 1)
  t.equal(peerOf(bob).streams.size, 1)
})

t.test('when one session starts afresh, its peers recognize its certificate and it recognizes their ids', async (t) => {
  const { room, ada, bob, push, isWhole, logged } = await linkedPair(t)
  // The server removed Bob and notified Ada. Bob does not notice that she has closed the link.
  room.fake.isUp = false
  room.leave(bob)
  room.restart(bob, 12)
  push()
  await logged(ada, 'peerleave 2')
  room.fake.isUp = true
  room.introduce(ada, bob)
  await logged(ada, 'connect 12')
  await isWhole()
  t.notOk(bob.log.some((line) => line.startsWith('peerleave')))
  t.equal(bob.log.filter((line) => line === 'peer 1').length, 1)
  t.notOk(room.relayed.some(({ body }) => body.type === 'kept'))
})

t.test('interrupt(1) delays the recovery by one second', async (t) => {
  const { bob, ada, push, isWhole, logged } = await linkedPair(t)
  bob.membership.interrupt(1)
  const began = Date.now()
  push()
  await Promise.all([logged(ada, 'recovered: rebuild'), logged(bob, 'recovered: rebuild')])
  t.ok(Date.now() - began >= 990)
  t.ok(bob.log.includes('recovering: interrupted rebuild'))
  await isWhole()
})

t.test('a publication that respects full loses nothing while a peer is offline, and counts its backlog', async (t) => {
  const { ada, bob, publication, push, isWhole, logged } = await linkedPair(t)
  // interrupt(0) below ends it.
  bob.membership.interrupt(3_600)
  await logged(ada, 'recovering: failed rebuild')
  t.notOk(publication.full)
  push(100_000)
  await new Promise((resolve) => setTimeout(resolve, 0))
  t.ok(publication.stats().queuedBytes > 400_000)
  let drained = false
  const wide = ada.membership.publish({ name: 'small', format: 'int8' }, { buffer: { bytes: 1_000 } })
  while (wide.push([1])) await new Promise((resolve) => setTimeout(resolve, 0))
  const waiting = wide.drained().then(() => {
    drained = true
  })
  await new Promise((resolve) => setTimeout(resolve, 0))
  t.notOk(drained)
  t.ok(wide.full)
  bob.membership.interrupt(0)
  await Promise.all([logged(bob, 'recovered: rebuild'), waiting])
  t.equal(publication.stats().droppedSamples, 0)
  await isWhole()
})
