/** Tests two peers, one of which may not publish or may not subscribe. */
import t from 'tap'
import type { Permissions } from '../../../src/peer/signaling/permissions.ts'
import { FakeRoom, type Inside } from '../fixture/fake-room.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const time = new VirtualTime()
t.beforeEach(() => time.install())
t.afterEach(() => time.uninstall())

const mute: Permissions = { publish: false, subscribe: true }
const deaf: Permissions = { publish: true, subscribe: false }

/** Names of the streams that a member receives. */
const streams = ({ membership }: Inside) =>
  [...membership.peers.values()].flatMap((peer) => Array.from(peer.streams.values(), ({ name }) => name))
const connected = ({ membership }: Inside) => [...membership.peers.values()].some((peer) => peer.state === 'connected')

/** Waits until `holds` returns true, for up to 30 s. Throws with what `tell` returns otherwise. */
async function until(holds: () => boolean, tell: () => unknown): Promise<void> {
  if (!(await time.until(holds, 30))) throw new Error(`It never came to be: ${JSON.stringify(tell())}`)
}

async function share(t: { teardown(end: () => void): void }, own?: Permissions, told: Partial<Permissions> = {}) {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  const ada = room.enter(1)
  room.told.set(2, told)
  const bob = room.enter(2, own)
  ada.membership.publish({ name: 'of Ada' })
  const publish = () => bob.membership.publish({ name: 'of Bob' })
  await until(
    () => connected(ada) && connected(bob),
    () => [ada.log, bob.log],
  )
  return { room, ada, bob, publish }
}

/** Waits until all messages have arrived. They have no delay in this room, and timers of links are shorter. */
const settled = () => time.pass(60)

t.test('with all permissions streams arrive in both directions', async (t) => {
  const { ada, bob, publish } = await share(t)
  publish()
  await until(
    () => streams(ada).length === 1 && streams(bob).length === 1,
    () => [ada.log, bob.log],
  )
  t.strictSame([streams(ada), streams(bob)], [['of Bob'], ['of Ada']])
})

t.test('streams of a peer that may not publish are dropped', async (t) => {
  // Bob's own companion does not enforce the permission.
  const { ada, bob, publish } = await share(t, undefined, { publish: false })
  publish().push([1])
  await until(
    () => streams(bob).length === 1,
    () => bob.log,
  )
  await settled()
  t.strictSame(streams(ada), [])
  t.ok((ada.membership.peers.get(2)?.ignored ?? 0) > 0, 'the dropped messages are counted')
  t.equal(ada.membership.peers.get(2)?.state, 'connected')
})

t.test('a peer that may not subscribe receives nothing', async (t) => {
  const { ada, bob, publish } = await share(t, undefined, { subscribe: false })
  publish()
  await until(
    () => streams(ada).length === 1,
    () => ada.log,
  )
  await settled()
  t.strictSame(streams(bob), [])
  t.equal(bob.membership.peers.get(1)?.ignored, 0)
})

t.test('publish throws without permission, and no stream arrives without permission to subscribe', async (t) => {
  const muted = await share(t, mute)
  t.throws(muted.publish, { code: 'forbidden', reason: 'not-permitted' })
  await until(
    () => streams(muted.bob).length === 1,
    () => muted.bob.log,
  )
  const deafened = await share(t, deaf)
  deafened.publish()
  await until(
    () => streams(deafened.ada).length === 1,
    () => deafened.ada.log,
  )
  await settled()
  t.strictSame(streams(deafened.bob), [])
})
