import t from 'tap'
import { OutgoingPublication } from '../../../src/peer/publish/outgoing-publication.ts'
import { sourceOf } from '../../../src/streams/mod.ts'
import { NewStream, NewTrack } from '../../streams/fixture/datastreams.ts'
import { TestTimers } from '../../streams/fixture/merged.ts'
import { loop } from '../fixture/loop.ts'

/** Publishes a stream. Returns what a listener of `stream` finds in it and receives from its tracks. */
function publish(stream: NewStream) {
  const { outbox, found, heard, log } = loop()
  const timers = new TestTimers()
  const publication = new OutgoingPublication(sourceOf(stream, { timers }), 'device', {}, outbox)
  return {
    ...{ publication, found, task: timers.over },
    values: () => heard.flatMap(({ values }) => values),
    ended: () => log.filter((line) => line.startsWith('streamend')).length,
  }
}

t.test('an announced stream already has its tracks', async (t) => {
  const stream = new NewStream()
  const tracks = ['Fp1', 'Fp2'].map((hint) => new NewTrack('Device', 'eeg', hint))
  for (const track of tracks) stream.addTrack(track)
  const { found, values, task } = publish(stream)
  for (let i = 0; i < 4; i++) {
    for (const track of tracks) track.addData([i], [i])
    await task(4)
  }
  t.same(found, [['Fp1', 'Fp2']])
  t.same(
    values().toSorted(),
    [0, 0, 1, 1, 2, 2, 3, 3],
    'no sample is missing, although some came before the announcement',
  )
})

t.test('an announced stream has its silent tracks too', async (t) => {
  const stream = new NewStream()
  for (const hint of ['Fp1', 'Fp2']) stream.addTrack(new NewTrack('Device', 'eeg', hint))
  const { found, task } = publish(stream)
  t.same(found, [])
  await task(200)
  t.same(found, [['Fp1', 'Fp2']])
})

t.test('a source without tracks is announced with its first track', async (t) => {
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

t.test('a source that ends before its first track is never announced', async (t) => {
  const { found, task, publication, ended } = publish(new NewStream())
  publication.stop()
  await task(200)
  t.same(found, [])
  t.equal(ended(), 0)
})
