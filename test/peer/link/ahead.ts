/** Tests requests that travel with descriptions, ahead of the `want` on the link. In virtual time. */
import t from 'tap'
import type { LinkedPeer } from '../../../src/peer/room/linked-peer.ts'
import { FakeRoom, type Inside } from '../fixture/fake-room.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const time = new VirtualTime()
t.beforeEach(() => time.install())
t.afterEach(() => time.uninstall())

const peerOf = ({ membership }: Inside): LinkedPeer => [...membership.peers.values()][0] as LinkedPeer

/** The requests in the descriptions so far, as `<sender> <offer or answer> <history>`. */
const asked = ({ relayed }: FakeRoom): string[] =>
  relayed
    .filter(({ name }) => name === 'offer' || name === 'answer')
    .map(({ from, name, body }) => `${from} ${name} ${(body.want as { history?: number } | undefined)?.history}`)

/** Ada is in the room and publishes; Bob enters and sends the offer. The test may change the room before. */
function meet(t: { teardown(end: () => void): void }, room = new FakeRoom()) {
  t.teardown(() => room.close())
  room.modern = new Set([1, 2])
  const ada = room.enter(1)
  const publication = ada.membership.publish({ name: 'ramp', format: 'int32', sourceId: 'device' })
  const bob = room.enter(2)
  const heard: unknown[] = []
  peerOf(bob).addEventListener('stream', ({ detail }) => {
    detail.getDataTracks()[0]?.subscribe((values) => heard.push(...values))
  })
  const isConnected = () => [ada, bob].every((one) => peerOf(one).state === 'connected')
  return { room, ada, bob, publication, heard, isConnected }
}

t.test('both peers request ahead, once for each link, until a link has been open', async (t) => {
  const { room, bob, isConnected } = meet(t)
  t.ok(await time.until(isConnected, 1))
  t.strictSame(asked(room), ['2 offer 0', '1 answer 0'])
  room.fake.connections[1]?.ice('disconnected')
  await time.pass(1)
  t.strictSame(asked(room).slice(2), ['2 offer undefined', '1 answer undefined'], 'an ICE restart requests nothing')
  bob.membership.interrupt(0)
  await time.pass(30)
  t.ok(isConnected())
  const later = asked(room).slice(4)
  t.ok(later.length > 0 && later.every((line) => line.endsWith('undefined')), `the next links resume: ${later}`)
})

t.test('a link that never opened is followed by one that requests ahead again', async (t) => {
  const room = new FakeRoom()
  room.fake.isUp = false
  const { isConnected } = meet(t, room)
  await time.pass(10)
  room.fake.isUp = true
  t.ok(await time.until(isConnected, 60))
  t.strictSame(asked(room), ['2 offer 0', '1 answer 0', '2 offer 0', '1 answer 0'])
})

t.test('samples follow the opening of the channel, and the link is connected when want arrives on it', async (t) => {
  const { room, ada, bob, publication, heard, isConnected } = meet(t)
  // Bob's first message on the channel is his want.
  let lost = 0
  room.fake.loses = (connection) => connection.isInitiator && lost++ === 0
  t.ok(await time.until(() => bob.log.includes('stream ramp of 1'), 1))
  publication.push([1, 2, 3])
  await time.pass(1)
  t.strictSame(heard, [1, 2, 3])
  t.ok(bob.log.includes('connect 1'))
  t.notOk(ada.log.includes('connect 2'), 'nothing has arrived from Bob')
  t.equal(peerOf(ada).state, 'connecting')
  publication.push([4])
  t.ok(await time.until(isConnected, 120), 'the link is given up, and another one opens')
  publication.push([5])
  await time.pass(1)
  t.strictSame(heard, [1, 2, 3, 4, 5], 'every sample arrives once')
})

t.test('a peer of an earlier draft requests and publishes on the link alone', async (t) => {
  for (const old of [[1], [2], [1, 2]]) {
    const room = new FakeRoom()
    room.old = new Set(old)
    const { publication, heard, isConnected } = meet(t, room)
    t.ok(await time.until(isConnected, 1))
    t.strictSame(asked(room), ['2 offer undefined', '1 answer undefined'])
    publication.push([1])
    await time.pass(1)
    t.strictSame(heard, [1])
  }
})

t.test('a peer that may be a known one is not asked ahead', async (t) => {
  const { room, ada, bob, publication, heard, isConnected } = meet(t)
  t.ok(await time.until(isConnected, 1))
  publication.push([1])
  await time.pass(1)
  // Ada starts afresh and returns as 11 while her old id is still in the room.
  room.delays = ({ name }) => [name === 'answer' ? 2_000 : 0]
  room.restart(ada, 11)
  room.introduce(bob, ada)
  publication.push([2])
  await time.pass(1)
  const later = asked(room).slice(2)
  t.ok(later.includes('2 answer undefined') && later.every((line) => line.endsWith('undefined')), `${later}`)
  // The server removes the old id before the new link opens. Then the certificate shows that 11 is Ada.
  bob.membership.removePeer(1)
  await time.pass(5)
  t.ok(bob.log.includes('resumed ramp of 11'), `${bob.log}`)
  publication.push([3])
  await time.pass(1)
  t.strictSame(heard, [1, 2, 3], 'the stream continues without a loss')
})

t.test('an invalid request counts as an unusable signal, and the link opens without it', async (t) => {
  for (const want of [{ history: -1 }, { history: Number.NaN }, { history: 'x' }, {}]) {
    const room = new FakeRoom()
    const relay = room.relay.bind(room)
    room.relay = (signal) => relay(signal.name === 'offer' ? { ...signal, body: { ...signal.body, want } } : signal)
    const { ada, publication, heard, isConnected } = meet(t, room)
    t.ok(await time.until(isConnected, 1))
    t.equal(peerOf(ada).ignored, 1)
    publication.push([1])
    await time.pass(1)
    t.strictSame(heard, [1])
  }
})
