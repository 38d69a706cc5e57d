import t from 'tap'
import { Inbox } from '../../src/peer/inbox.ts'
import type { Link } from '../../src/peer/link.ts'
import { Outbox } from '../../src/peer/outbox.ts'
import { Publication } from '../../src/peer/publication.ts'
import { RemoteClock, sourceOf } from '../../src/streams/mod.ts'
import { NewStream, NewTrack } from '../streams/fixture/datastreams.ts'
import { TestTimers } from '../streams/fixture/merged.ts'
import { inboxEvents } from './fixture/inbox-events.ts'

/** What a listener of `stream` finds in it, and what its tracks get from then on. */
function publish(stream: NewStream) {
  const outbox = new Outbox()
  const found: string[][] = []
  const values: unknown[] = []
  let ended = 0
  const inbox = new Inbox(
    inboxEvents({
      stream(stream) {
        const tracks = stream.getDataTracks()
        found.push(tracks.map(({ contentHint }) => contentHint))
        for (const track of tracks) track.subscribe((given) => values.push(...given))
      },
      streamend() {
        ended++
      },
    }),
    new RemoteClock(),
  )
  const receive = (bytes: Uint8Array) => inbox.receive(bytes)
  const link = {
    send: receive,
    sendTo: (_: number, bytes: Uint8Array) => receive(bytes),
    sendAfter: (_: number[], bytes: Uint8Array) => receive(bytes),
    sendChunk: (_: number, { bytes }: { bytes: Uint8Array }) => receive(bytes),
    waiting: () => ({ bytes: 0, seconds: 0 }),
  }
  outbox.addLink(link as unknown as Link, 0)
  const timers = new TestTimers()
  const publication = new Publication(sourceOf(stream, { timers }), 'device', {}, outbox)
  /** The task is over, and so many ms pass. */
  const task = async (ms = 0) => {
    timers.task(() => {}, ms)
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  return { publication, found, values, task, ended: () => ended }
}

t.test('whoever hears of a stream finds its tracks in it', async (t) => {
  const stream = new NewStream()
  const tracks = ['Fp1', 'Fp2'].map((hint) => new NewTrack('Device', 'eeg', hint))
  for (const track of tracks) stream.addTrack(track)
  const { found, values, task } = publish(stream)
  for (let i = 0; i < 4; i++) {
    for (const track of tracks) track.addData([i], [i])
    await task(4)
  }
  t.same(found, [['Fp1', 'Fp2']])
  t.same(values.toSorted(), [0, 0, 1, 1, 2, 2, 3, 3], 'and misses no sample, though it was told after some had come')
})

t.test('also of one whose tracks are silent', async (t) => {
  const stream = new NewStream()
  for (const hint of ['Fp1', 'Fp2']) stream.addTrack(new NewTrack('Device', 'eeg', hint))
  const { found, task } = publish(stream)
  t.same(found, [])
  await task(200)
  t.same(found, [['Fp1', 'Fp2']])
})

t.test('a source without tracks is told of with its first', async (t) => {
  const stream = new NewStream()
  const { found, task, publication, ended } = publish(stream)
  await task(200)
  t.same(found, [])
  stream.addTrack(new NewTrack('Device', 'eeg', 'Fp1'))
  await task(200)
  t.same(found, [['Fp1']])
  publication.stop()
  t.equal(ended(), 1)
})

t.test('a source that ends before it had any is not told of at all', async (t) => {
  const { found, task, publication, ended } = publish(new NewStream())
  publication.stop()
  await task(200)
  t.same(found, [])
  t.equal(ended(), 0)
})
