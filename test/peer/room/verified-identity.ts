/** Tests who a peer is, as the server has verified it, in virtual time. */
import t, { type Test } from 'tap'
import type { RemotePeer } from '../../../src/peer/room/remote-peer.ts'
import { FakeRoom, type Inside } from '../fixture/fake-room.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const time = new VirtualTime()
t.beforeEach(() => time.install())
t.afterEach(() => time.uninstall())

const verified = (auth: string) => ({ verified: true, auth })

/** Waits until the log of a member has a line. */
async function logged({ log }: Inside, line: string): Promise<void> {
  if (!(await time.until(() => log.includes(line), 60))) throw new Error(`${line}: ${JSON.stringify(log)}`)
}

/** Ada hears a stream of Bob, who has this identity. Then Ada's session starts afresh. */
async function afresh(t: Test, identity: object) {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  room.told.set(2, identity)
  const [ada, bob] = [room.enter(1), room.enter(2)]
  bob.membership.publish({ name: 'ramp', format: 'int32', sourceId: 'device' }).push([1])
  await logged(ada, 'stream ramp of 2')
  const before = ada.membership.peers.get(2) as RemotePeer
  room.restart(ada, 11)
  return { room, ada, bob, before }
}

t.test('the identity of a peer is what the server has verified, whatever its info says', async (t) => {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  const { membership } = room.enter(1, undefined, { startsAtOnce: false })
  let id = 2
  const identityOf = (fields: object) => {
    const arrival = { id: id++, info: {}, room: 1, initiator: 1, link: id, ...fields }
    return membership.addPeer(arrival)?.identity
  }
  t.strictSame(identityOf({ verified: true, auth: 'ada', name: 'Ada L.' }), { auth: 'ada', name: 'Ada L.' })
  t.match(identityOf({ verified: true, auth: 'ada', info: { auth: 'eve', name: 'Eve' } }), {
    auth: 'ada',
    name: undefined,
  })
  const forged = { verified: true, auth: 'ada', name: 'Ada', identity: { auth: 'ada' }, permits: {}, id: 1 }
  t.equal(identityOf({ info: forged }), undefined)
  t.equal(identityOf({ auth: 'ada', name: 'Ada' }), undefined)
  t.equal(identityOf({ verified: false, auth: 'ada' }), undefined)
  t.equal(identityOf({ verified: true, auth: '' }), undefined)
  t.equal(identityOf({ verified: true, name: 'Ada' }), undefined)
  t.throws(() => Object.assign(identityOf(verified('ada')) as object, { auth: 'eve' }), TypeError)
})

t.test('a peer that returns under another id keeps its link if it has the same identity', async (t) => {
  for (const identity of [{}, verified('bob')]) {
    const { room, ada, bob, before } = await afresh(t, identity)
    room.restart(bob, 12)
    await time.pass(1)
    room.told.set(12, identity)
    room.introduce(ada, bob)
    t.equal(ada.membership.peers.get(12), before)
  }
})

t.test('a peer that announces the id of another user does not become that user', async (t) => {
  for (const [was, is] of [
    [verified('bob'), verified('cid')],
    [{}, verified('cid')],
    [verified('bob'), {}],
  ] as const) {
    const { room, ada, bob, before } = await afresh(t, was)
    room.restart(bob, 12)
    await time.pass(1)
    room.told.set(12, is)
    room.introduce(ada, bob)
    const peer = ada.membership.peers.get(12) as RemotePeer
    t.not(peer, before)
    t.strictSame(peer.identity?.auth, 'auth' in is ? is.auth : undefined)
    t.equal(before.state, 'closed')
    await logged(ada, 'stream ramp of 12')
    t.notOk(ada.log.includes('resumed ramp of 12'), 'the streams of the other user do not continue')
  }
})

t.test('a peer with the same certificate claims the streams of the same identity, and of no other', async (t) => {
  for (const [identity, expected] of [
    [verified('bob'), 'resumed ramp of 12'],
    [verified('eve'), 'stream ramp of 12'],
  ] as const) {
    const { room, ada, bob } = await afresh(t, verified('bob'))
    room.fake.isUp = false
    room.restart(bob, 12)
    for (const connection of room.fake.connections) connection.hangUp(connection.other as never)
    room.fake.isUp = true
    room.told.set(12, identity)
    room.introduce(ada, bob)
    await logged(ada, expected)
  }
})

t.test('the streams of a departed peer continue at the same identity, and at no other', async (t) => {
  for (const [identity, expected] of [
    [verified('bob'), 'resumed ramp of 12'],
    [verified('eve'), 'stream ramp of 12'],
  ] as const) {
    const room = new FakeRoom()
    t.teardown(() => room.close())
    room.told.set(2, verified('bob'))
    const [ada, bob] = [room.enter(1), room.enter(2)]
    const device = { name: 'ramp', format: 'int32', sourceId: 'device' } as const
    bob.membership.publish(device).push([1])
    await logged(ada, 'stream ramp of 2')
    room.leave(bob)
    bob.membership.close()
    room.told.set(12, identity)
    room.enter(12).membership.publish(device).push([1])
    await logged(ada, expected)
  }
})
