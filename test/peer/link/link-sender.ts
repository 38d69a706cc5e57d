import t from 'tap'
import { until } from '../../fixture/until.ts'
import { FakeRoom } from '../fixture/fake-room.ts'
import type { FakeConnection } from '../fixture/fake-wrtc.ts'
import { linkedPair, peerOf } from '../fixture/linked-pair.ts'

t.setTimeout(600_000)
// Each test has its own room and mostly waits.
t.jobs = 20

t.test('a sample over the receiver’s message size is dropped and counted, and the link stays', async (t) => {
  // The fake descriptions name no maximum message size, so it is 64 KiB.
  const { room, ada, bob, isWhole } = await linkedPair(t)
  const heard: unknown[] = []
  const missed: number[] = []
  peerOf(bob).addEventListener('stream', ({ detail: stream }) => {
    stream.getDataTracks()[0]?.subscribe((values) => heard.push(...values))
    stream.addEventListener('gap', ({ detail }) => missed.push(detail.missed))
  })
  const texts = ada.membership.publish({ name: 'texts', format: 'string' })
  for (const text of ['short', 'x'.repeat(100_000), 'the end']) {
    texts.push([text])
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  await until(() => heard.length === 2)
  t.strictSame(heard, ['short', 'the end'])
  t.strictSame(missed, [1])
  t.match(texts.stats(), { samples: 3, droppedSamples: 1 })
  t.match(await peerOf(ada).stats(), { tooLarge: 1 })
  t.equal(room.fake.connections.length, 2)
  await isWhole()
})

t.test('what a lost link had queued still counts as queued', async (t) => {
  const room = new FakeRoom()
  const channels = channelsOf(room)
  const { bob, logged } = await linkedPair(t, room)
  const publication = bob.membership.publish({ name: 'fast', format: 'float64' })
  for (const channel of channels) channel.bufferedAmount = Number.POSITIVE_INFINITY
  publication.push(new Float64Array(10_000))
  await until(() => publication.stats().queuedBytes >= 80_000)
  const { queuedBytes } = publication.stats()
  // interrupt() closes the link for a long time, so Bob cannot send again what was queued.
  bob.membership.interrupt(3_600)
  await logged(bob, 'recovering: interrupted rebuild')
  t.equal(publication.stats().queuedBytes, queuedBytes)
})

t.test('wrtc keeps the connection of a peer that has left for a moment, and nothing is sent', async (t) => {
  const room = new FakeRoom()
  const channels = channelsOf(room)
  const { bob } = await linkedPair(t, room)
  const publication = bob.membership.publish({ name: 'fast', format: 'float64' })
  for (const channel of channels) channel.bufferedAmount = Number.POSITIVE_INFINITY
  publication.push(new Float64Array(10_000))
  await until(() => publication.stats().queuedBytes >= 80_000)
  room.leave(bob)
  bob.membership.close()
  const calls: string[] = []
  room.fake.mayFail = (method) => calls.push(method)
  for (const channel of channels) {
    channel.bufferedAmount = 0
    channel.dispatchEvent(new Event('bufferedamountlow'))
  }
  const states = () => room.fake.connections.map(({ signalingState }) => signalingState)
  t.strictSame(states(), ['stable', 'stable'])
  await until(() => states().every((state) => state === 'closed'))
  t.strictSame([...new Set(calls)], ['close'])
})

/** Returns the list of the channels that the room's connections will create. */
function channelsOf({ fake }: FakeRoom): (EventTarget & { bufferedAmount: number })[] {
  const channels: ReturnType<FakeConnection['createDataChannel']>[] = []
  const { prototype } = fake.wrtc.RTCPeerConnection as { prototype: FakeConnection }
  const create = prototype.createDataChannel
  prototype.createDataChannel = function (label, options) {
    const channel = create.call(this, label, options)
    channels.push(channel)
    return channel
  }
  return channels
}
