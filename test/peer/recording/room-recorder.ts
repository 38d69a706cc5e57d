import t from 'tap'
import { Outbox } from '../../../src/peer/publish/outbox.ts'
import { OutgoingPublication } from '../../../src/peer/publish/outgoing-publication.ts'
import type { PublishOptions } from '../../../src/peer/publish/publish-options.ts'
import type { ReceivedStream } from '../../../src/peer/receive/received-stream.ts'
import type { RemoteStream } from '../../../src/peer/receive/remote-stream.ts'
import { LoopbackStreams } from '../../../src/peer/recording/loopback-streams.ts'
import { RoomRecorder } from '../../../src/peer/recording/room-recorder.ts'
import type { Membership } from '../../../src/peer/room/membership.ts'
import { emit } from '../../../src/peer/shared/typed-events.ts'
import { now, parseXdf, pushSource, type StreamDescription, type XdfStream } from '../../../src/streams/mod.ts'
import { until } from '../../fixture/until.ts'
import { sink } from '../../streams/fixture/sink.ts'
import { FakeRoom } from '../fixture/fake-room.ts'
import { loop } from '../fixture/loop.ts'

/** A peer whose publications arrive by function call, with an estimate of its clock. */
class Person extends EventTarget {
  readonly id = 7
  readonly info: { name: string }
  readonly identity: { auth: string; name?: string } | undefined
  readonly streams = new Map<string, RemoteStream>()
  clock = { offset: 0, drift: 0, roundTrip: 0, errorBound: Number.POSITIVE_INFINITY }
  readonly loop = loop()

  constructor(name: string, identity?: { auth: string; name?: string }) {
    super()
    this.info = { name }
    this.identity = identity
  }

  publish(description: Parameters<typeof pushSource>[0], options: PublishOptions = {}) {
    const { source, push } = pushSource(description)
    const publication = new OutgoingPublication(source, description.name ?? '', options, this.loop.outbox)
    this.look()
    return Object.assign(publication, { push })
  }

  /** Emits 'stream' for each new stream. */
  look(): void {
    for (const stream of this.loop.streams) {
      if (this.streams.has(stream.id)) continue
      this.streams.set(stream.id, stream)
      emit(this, 'stream', stream)
    }
  }
}

class Room extends EventTarget {
  readonly name = 'lab'
  readonly peers = new Map<number, Person>()
}

function setUp(room: number = Number.POSITIVE_INFINITY) {
  const lab = new Room()
  const destination = sink(room)
  const outbox = new Outbox()
  const begin = () =>
    new RoomRecorder(
      lab as unknown as Membership,
      new LoopbackStreams({ id: 3, outbox, identity: undefined }),
      destination.writable,
    )
  const streams = () => [...parseXdf(destination.bytes()).streams.values()]
  return { lab, outbox, begin, streams }
}

/** Starts a recording while Ada is in the room. */
function withAda(clock: Partial<Person['clock']> = {}, room?: number) {
  const { lab, begin, streams } = setUp(room)
  const ada = new Person('Ada')
  ada.clock = { ...ada.clock, ...clock }
  lab.peers.set(1, ada)
  return { lab, ada, recording: begin(), streams }
}

const values = ({ data }: XdfStream): unknown[] => [...(data as Float32Array)]

t.test('streams of present and new peers are recorded with the publisher’s timestamps', async (t) => {
  const { lab, begin, streams } = setUp()
  const ada = new Person('Ada')
  lab.peers.set(1, ada)
  const eeg = ada.publish(
    { name: 'EEG', format: 'float32', nominalRate: 250, timeUnit: 's', sourceId: 'amp' },
    { unit: 'µV' },
  )
  const recording = begin()
  eeg.push([1, 2], [10, 10.004])
  const bob = new Person('Bob')
  bob.clock = { ...bob.clock, offset: 1000, errorBound: 0.001 }
  emit(lab, 'peer', bob)
  const markers = bob.publish({ name: '', format: 'string', timeUnit: 'ms' })
  const present = now() + 1000
  markers.push(['go', 'stop'], [present * 1000, present * 1000 + 500])
  ada.publish({ name: 'silent', format: 'int24', channels: [{ label: 'x', unit: '', type: '' }] })
  await until(() => recording.stats().samples === 4)
  await recording.stop()
  await recording.closed
  const [first, second, silent] = streams() as [XdfStream, XdfStream, XdfStream]
  t.strictSame(
    [values(first), [...first.timestamps]],
    [
      [1, 2],
      [10, 10.004],
    ],
  )
  t.match(first.description, {
    name: 'EEG',
    nominalRate: 250,
    sourceId: 'amp',
    format: 'float32',
    channels: [{ unit: 'µV' }],
  })
  t.match(first.origin, { hostname: 'Ada', sessionId: 'lab', uid: /^[\da-f-]{36}$/ })
  t.strictSame(first.clockOffsets, [], 'no offsets while the clock is unknown')
  t.strictSame(second.data, ['go', 'stop'])
  t.ok(Math.abs((second.timestamps[1] as number) - present - 0.5) < 1e-6)
  t.equal(second.origin.hostname, 'Bob')
  t.strictSame(
    second.clockOffsets.map(({ offset }) => offset),
    [-1000, -1000],
    'one offset at the beginning, one at the end',
  )
  t.ok(
    second.clockOffsets.every(({ time }) => Math.abs(time - present) < 60),
    'offsets have the time of the source’s clock',
  )
  t.match(silent, { description: { name: 'silent', format: 'int24' }, footer: { sampleCount: 0 } })
  t.match(recording.stats(), { streams: 3, samples: 4, missed: 0 })
})

t.test('a peer with too many streams loses the last of them, and the streams of others are recorded', async (t) => {
  const { lab, begin, streams } = setUp()
  const [eve, bob] = [new Person('Eve'), new Person('Bob')]
  lab.peers.set(1, eve).set(2, bob)
  const recording = begin()
  const errors: string[] = []
  recording.addEventListener('error', ({ detail }) => errors.push(detail.code))
  const eeg = bob.publish({ name: 'EEG', format: 'int8' })
  eeg.push([1])
  const count = 4_500
  for (let i = 0; i < count; i++) eve.publish({ name: 'noise', format: 'int8' }).stop()
  const total = ({ streams, omitted } = recording.stats()) => streams + omitted
  await until(() => total() === count + 1)
  const late = Array.from({ length: 50 }, () => eve.publish({ name: 'late', format: 'int8' }))
  for (const { push } of late) push([1])
  await until(() => recording.stats().samples + recording.stats().missed === 51)
  t.ok(recording.stats().missed > 0, 'samples of omitted streams are missed')
  eeg.push([2])
  await until(() => recording.stats().samples + recording.stats().missed === 52)
  await recording.stop()
  t.strictSame(errors, ['too-many-streams'])
  const { omitted } = recording.stats()
  t.ok(omitted > 300, `${omitted} streams are omitted`)
  t.equal(streams().length, count + 51 - omitted)
  t.strictSame(
    streams()
      .filter(({ description }) => description.name === 'EEG')
      .map(values),
    [[1, 2]],
  )
})

t.test('a header has the verified identity of its publisher, which the publisher cannot forge', async (t) => {
  const lab = new Room()
  const destination = sink()
  const outbox = new Outbox()
  // A session has the permissions of its token beside its identity. They do not belong in a file.
  const token = { auth: 'me', rooms: ['lab'], create: true, publish: true, subscribe: true, admin: true }
  const own = new LoopbackStreams({ id: 3, outbox, identity: token })
  const recording = new RoomRecorder(lab as unknown as Membership, own, destination.writable)
  const publisher = { auth: 'ada', name: 'Ada' }
  const forged = { publisher, datastreams: { publisher }, auth: 'ada', verified: true }
  const people = [
    new Person('A', { auth: '<ada> & co', name: 'Ada L.' }),
    new Person('B', { auth: 'bob' }),
    new Person('Ada'),
  ]
  for (const person of people) {
    emit(lab, 'peer', person)
    person.publish({ name: 'EEG', format: 'int8', metadata: forged }).push([1])
  }
  const { source, push } = pushSource({ name: 'own', format: 'int8' })
  new OutgoingPublication(source, 'own', {}, outbox)
  push([1])
  await until(() => recording.stats().samples === 4)
  await recording.stop()
  const bytes = destination.bytes()
  t.notMatch(new TextDecoder().decode(bytes), /<(rooms|create|admin)>/)
  const origins = [...parseXdf(bytes).streams.values()].map(({ origin }) => origin)
  const found = new Map(origins.map(({ hostname, publisher }) => [hostname, publisher]))
  t.strictSame(
    found,
    new Map<string | undefined, unknown>([
      ['Ada L.', { auth: '<ada> & co', name: 'Ada L.' }],
      ['B', { auth: 'bob' }],
      ['Ada', undefined],
      ['3', { auth: 'me' }],
    ]),
  )
})

t.test('own publications are recorded like those of other peers', async (t) => {
  const { outbox, begin, streams } = setUp()
  const publish = (name: string, options: PublishOptions = {}) => {
    const { source, push } = pushSource({ name, format: 'int16', timeUnit: 's' })
    return Object.assign(new OutgoingPublication(source, name, options, outbox), { push })
  }
  const before = publish('before')
  before.push([1], [9])
  await Promise.resolve()
  const recording = begin()
  const after = publish('after', { delivery: 'latest' })
  const present = now()
  before.push([2, 3], [present, present + 1])
  after.push([4], [present])
  await until(() => recording.stats().samples === 3)
  before.push([5], [present + 2])
  before.stop()
  await before.delivered()
  await until(() => recording.stats().samples === 4)
  t.ok(outbox.hasReceivers)
  await recording.stop()
  t.notOk(outbox.hasReceivers, 'the recording is no receiver any more')
  after.push([6], [present])
  const [first, second] = streams() as [XdfStream, XdfStream]
  t.strictSame([first.description.name, values(first), values(second)], ['before', [2, 3, 5], [4]])
  t.strictSame([...first.timestamps], [present, present + 1, present + 2])
  t.strictSame(
    first.clockOffsets.map(({ offset }) => Math.abs(offset)),
    [0, 0],
  )
  t.equal(first.origin.hostname, '3')
})

t.test('a changed description starts a new stream, a repeated one does not', async (t) => {
  const { ada, recording, streams } = withAda()
  const eeg = ada.publish({ name: 'EEG', format: 'int8' }, { delivery: 'reliable' })
  eeg.push([1])
  await until(() => recording.stats().samples === 1)
  eeg.describe({ unit: 'µV' })
  eeg.push([2])
  await until(() => recording.stats().samples === 2)
  const [stream] = ada.streams.values() as Iterable<ReceivedStream>
  const tracks = stream?.getDataTracks() ?? []
  // Another link announces the same description again.
  stream?.describe(tracks, structuredClone(tracks[0]?.description as StreamDescription))
  eeg.push([3])
  await until(() => recording.stats().samples === 3)
  await recording.stop()
  t.strictSame(
    streams().map((stream) => [values(stream), stream.description.channels[0]?.unit, stream.footer?.sampleCount]),
    [
      [[1], '', 1],
      [[2, 3], 'µV', 2],
    ],
  )
})

t.test('the clock offsets of a replayed recording have the times of that recording', async (t) => {
  const { ada, recording, streams } = withAda({ offset: 5, errorBound: 0.001 })
  const eeg = ada.publish({ name: 'EEG', format: 'int8', timeUnit: 's' })
  eeg.push([1, 2], [1_557_936_053, 1_557_936_054])
  await until(() => recording.stats().samples === 2)
  await recording.stop()
  t.strictSame(streams()[0]?.clockOffsets.at(-1), { time: 1_557_936_054, offset: -5, sample: 2 })
})

t.test('stop() writes all queued samples and reads no later ones', async (t) => {
  const { ada, recording, streams } = withAda()
  const eeg = ada.publish({ name: 'EEG', format: 'int8' })
  for (let i = 0; i < 100; i++) {
    eeg.push([i])
    await Promise.resolve()
  }
  const stopped = recording.stop()
  eeg.push([100])
  ada.publish({ name: 'late', format: 'int8' })
  await stopped
  t.equal(recording.stop(), stopped)
  t.strictSame(streams().map(values), [Array.from({ length: 100 }, (_, i) => i)])
})

t.test('ended streams and gaps are recorded, and leaving the room ends the recording', async (t) => {
  const { lab, ada, recording, streams } = withAda()
  const eeg = ada.publish({ name: 'EEG', format: 'int8' })
  eeg.push([1])
  await until(() => recording.stats().samples === 1)
  const [stream] = ada.streams.values() as Iterable<ReceivedStream>
  const track = stream?.getDataTracks()[0]
  stream?.miss([track as never], 1, 4, 'dropped')
  eeg.stop()
  await until(() => recording.stats().missed === 4)
  const next = ada.publish({ name: 'EEG', format: 'int8' })
  next.push([2])
  await until(() => recording.stats().samples === 2)
  lab.dispatchEvent(new Event('close'))
  await recording.closed
  t.strictSame(streams().map(values), [[1], [2]])
  t.ok(streams().every(({ footer }) => footer !== undefined))
})

t.test('a stream that continues at another peer uses the clock of that peer', async (t) => {
  const { lab, ada, recording, streams } = withAda()
  const eeg = ada.publish({ name: 'EEG', format: 'int8' })
  eeg.push([1])
  await until(() => recording.stats().samples === 1)
  const again = new Person('Ada, again')
  again.clock = { ...again.clock, offset: 40, errorBound: 0.001 }
  emit(lab, 'peer', again)
  emit(again, 'resumed', [...ada.streams.values()][0])
  await recording.stop()
  t.strictSame(
    streams().map(({ clockOffsets }) => clockOffsets.map(({ offset }) => offset)),
    [[-40]],
  )
})

t.test('a destination that fails without any data ends the recording', async (t) => {
  const lab = new Room()
  let fail: (error: Error) => void = () => {}
  const destination = new WritableStream<Uint8Array>({
    start(controller) {
      fail = (error) => controller.error(error)
    },
  })
  const recording = new RoomRecorder(
    lab as unknown as Membership,
    new LoopbackStreams({ id: 3, outbox: new Outbox(), identity: undefined }),
    destination,
  )
  fail(new Error('unplugged'))
  await t.rejects(recording.closed, { code: 'recording-failed', message: 'unplugged' })
  const late = new Person('late')
  late.addEventListener = () => t.fail('the recording still listens')
  emit(lab, 'peer', late)
})

t.test('a destination that fails ends the recording with its error', async (t) => {
  const { ada, recording } = withAda({}, 700)
  const eeg = ada.publish({ name: 'EEG', format: 'int8' })
  const timer = setInterval(() => eeg.push([1]), 1)
  t.teardown(() => clearInterval(timer))
  const error = { code: 'recording-failed', message: 'ENOSPC' }
  await t.rejects(recording.closed, error)
  await t.rejects(recording.stop(), error)
})

t.test('await using completes the recording', async (t) => {
  const { ada, recording, streams } = withAda()
  {
    await using own = recording
    ada.publish({ name: 'EEG', format: 'int8' }).push([1])
    await until(() => ada.streams.size === 1)
    t.equal(own.stats().missed, 0)
  }
  await recording.closed
  t.strictSame(streams().map(values), [[1]])
})

t.test('without the import, record() says what to import', async (t) => {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  const { membership } = room.enter(1)
  t.throws(() => membership.record(new WritableStream()), {
    code: 'bad-option',
    message: 'Cannot record: pass recording of datastreams-webrtc/recording to connect()',
  })
})
