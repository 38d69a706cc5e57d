import t from 'tap'
import { pushSource, type SourceSink, sourceOf } from '../../../src/streams/mod.ts'
import { followStream, isStream } from '../../../src/streams/sources/data-stream.ts'
import { NewStream, NewTrack, OldStream, OldTrack, PlainMediaStream, plainMediaTrack } from '../fixture/datastreams.ts'

/** Members of a sink that a source without backpressure does not use. */
const never = { full: false, drained: () => Promise.resolve(), end: () => {} }

/** Follows a source and records all its calls. */
function listen(value: unknown) {
  const told: unknown[][] = []
  const label = (track: object) => ('label' in track ? track.label : '?')
  const sink: SourceSink = {
    addTrack: (track, description) => told.push(['add', label(track), description.channels?.[0]?.label]),
    removeTrack: (track) => told.push(['remove', label(track)]),
    push: (track, values, timestamps) => told.push(['push', label(track), values, timestamps]),
    addMedia: (track) => told.push(['media', track.id]),
    removeMedia: (track) => told.push(['no media', track.id]),
    ...never,
  }
  // A stream is followed without the merger, which would wait to see which tracks tick together.
  const end = isStream(value) ? followStream(value, sink) : sourceOf(value)(sink)
  return { told, end, take: () => told.splice(0) }
}

t.test('a stream of datastreams-api 0.0.18 is followed, with tracks that are added and removed', async (t) => {
  const stream = new NewStream()
  const left = new NewTrack('Muse', 'eeg', 'TP9')
  const right = new NewTrack('Muse', 'eeg', 'TP10')
  stream.addTrack(left)
  const { take, end } = listen(stream)
  stream.addTrack(right)
  t.strictSame(take(), [
    ['add', 'Muse', 'TP9'],
    ['add', 'Muse', 'TP10'],
  ])
  left.addData([1, 2], [10, 20])
  right.addData([3], [30])
  t.strictSame(take(), [
    ['push', 'Muse', [1, 2], [10, 20]],
    ['push', 'Muse', [3], [30]],
  ])
  stream.removeTrack(left)
  left.addData([4], [40])
  t.strictSame(take(), [['remove', 'Muse']])
  end()
  right.addData([5], [50])
  stream.addTrack(new NewTrack('late', '', ''))
  t.strictSame(take(), [])
})

t.test('a stream of December 2021 is followed: an array of tracks, the event track, raw values', async (t) => {
  const stream = new OldStream()
  const first = new OldTrack('first')
  stream.addTrack(first)
  const { take } = listen(stream)
  const second = new OldTrack('second')
  stream.addTrack(second)
  t.strictSame(take(), [
    ['add', 'first', 'first'],
    ['add', 'second', 'second'],
  ])
  first.addData(1.5)
  second.addData('text')
  t.strictSame(take(), [
    ['push', 'first', [1.5], undefined],
    ['push', 'second', ['text'], undefined],
  ])
})

t.test('an old stream may emit a track before it lists it', async (t) => {
  const stream = new OldStream()
  const { take } = listen(stream)
  stream.dispatchEvent(new CustomEvent('track', { detail: new OldTrack('early') }))
  t.strictSame(take(), [['add', 'early', 'early']])
})

t.test('a track without a stream is followed', async (t) => {
  const track = new NewTrack('HEG', 'fnirs', '')
  const { take } = listen(track)
  track.addData([1], [2])
  track.dispatchEvent(new Event('ended'))
  t.strictSame(take(), [
    ['add', 'HEG', 'HEG'],
    ['push', 'HEG', [1], [2]],
    ['remove', 'HEG'],
  ])
})

t.test('media tracks are passed on, and their frames are no samples', async (t) => {
  const stream = new NewStream()
  stream.addMedia('camera')
  const wrapper = new NewTrack('', '', '')
  stream.addTrack(wrapper)
  const { take } = listen(stream)
  t.strictSame(take(), [['media', 'camera']])
  wrapper.addData([{ codedWidth: 640, timestamp: 0, close() {} }], [1])
  t.strictSame(take(), [])
  const nameless = new NewTrack('', '', '')
  stream.addTrack(nameless)
  t.strictSame(take(), [])
  nameless.addData([1], [2])
  nameless.addData([3], [4])
  t.strictSame(take(), [
    ['add', '', ''],
    ['push', '', [1], [2]],
    ['push', '', [3], [4]],
  ])
})

t.test('a plain MediaStream is followed, and so is a media track', async (t) => {
  const stream = new PlainMediaStream('camera')
  const { take } = listen(stream)
  stream.set(['camera', 'screen'], 'addtrack')
  stream.set(['screen'], 'removetrack')
  t.strictSame(take(), [
    ['media', 'camera'],
    ['media', 'screen'],
    ['no media', 'camera'],
  ])
  t.strictSame(listen(plainMediaTrack('microphone')).told, [['media', 'microphone']])
})

t.test('a value that is no source is rejected', async (t) => {
  for (const value of [undefined, null, 1, 'x', {}, [], () => {}]) {
    t.throws(() => sourceOf(value), { code: 'bad-source' })
  }
})

t.test('pushSource passes values on while it is followed', async (t) => {
  const pushed: unknown[] = []
  const { source, push } = pushSource({ name: 'by hand' })
  push([0])
  const end = source({
    addTrack: (_, description) => pushed.push(description),
    removeTrack: () => {},
    push: (_, values, timestamps) => pushed.push(values, timestamps),
    addMedia: () => {},
    removeMedia: () => {},
    ...never,
  })
  push([1], 2)
  end()
  push([3])
  t.strictSame(pushed, [{ timeUnit: 's', name: 'by hand' }, [1], 2])
})
