import t from 'tap'
import { until } from '../../fixture/until.ts'
import { linkedPair, peerOf } from '../fixture/linked-pair.ts'

t.setTimeout(600_000)

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
