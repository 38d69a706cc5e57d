import t from 'tap'
import { DepartedStreams, isOfDevice, type Remembered } from '../../../src/peer/receive/departed-streams.ts'
import { Inbox } from '../../../src/peer/receive/inbox.ts'
import type { Chunk, Gap, RemoteStream } from '../../../src/peer/receive/remote-stream.ts'
import { encodeControl } from '../../../src/peer/wire/control.ts'
import { checkDescription, encodeChunk, now, RemoteClock, type StreamDescription } from '../../../src/streams/mod.ts'
import { inboxEvents } from '../fixture/inbox-events.ts'

const describe = (changes: Partial<StreamDescription> = {}): StreamDescription =>
  checkDescription({
    name: 'EEG',
    type: 'EEG',
    nominalRate: 100,
    timeUnit: 's',
    format: 'int16',
    sourceId: 'cap',
    channels: [{ label: 'Fp1', unit: 'µV', type: 'EEG' }],
    ...changes,
  })

/** Creates the inbox for a peer, with a log of its events. `auth` is the peer's verified identity. */
function person(left: DepartedStreams, auth?: string) {
  const log: string[] = []
  const tell = (what: string) => (stream: RemoteStream) => log.push(`${what} ${stream.name}`)
  const clock = new RemoteClock()
  const inbox = new Inbox(
    inboxEvents({
      stream: tell('stream'),
      resumed: tell('resumed'),
      streamend: tell('streamend'),
      departed: (info) => left.take(info, auth),
    }),
    clock,
  )
  inbox.relink(0)
  const publish = (number: number, name: string, ...streams: [number, StreamDescription][]) =>
    inbox.receive(encodeControl(['publish', number, { name, tracks: streams }]))
  const send = (stream: number, first: number, stamps: number[], description = describe()) => {
    const data = Int16Array.from(stamps, (_, i) => first + i)
    inbox.receive(encodeChunk(stream, { data, timestamps: Float64Array.from(stamps), first }, description))
  }
  const leave = (fingerprint?: string): Remembered => {
    inbox.close(isOfDevice)
    const remembered = { inbox, clock, since: undefined, fingerprint, auth }
    left.add(remembered)
    return remembered
  }
  return { inbox, log, publish, send, leave }
}

function setUp(auth?: string) {
  const left = new DepartedStreams()
  const ada = person(left, auth)
  ada.publish(1, 'EEG', [2, describe()])
  const [stream] = [...ada.inbox.streams.values()] as [RemoteStream]
  const gaps: Omit<Gap, 'track'>[] = []
  stream.addEventListener('gap', ({ detail: { cause, first, missed } }) => gaps.push({ cause, first, missed }))
  const firsts: number[][] = []
  const reading = (async () => {
    for await (const { first, samples, missed } of stream as AsyncIterable<Chunk>) firsts.push([first, samples, missed])
  })()
  t.teardown(() => left.close())
  return { left, ada, stream, gaps, firsts, reading }
}

t.test('a stream continues at the next publisher of its device; numbers go on and the gap counts', async (t) => {
  const { left, ada, stream, gaps, firsts, reading } = setUp()
  const at = now()
  ada.send(2, 0, [at, at + 0.01])
  ada.leave()
  t.ok(stream.active)
  const again = person(left)
  // Another publication came first, with the number of the one that continues.
  again.publish(1, 'Markers', [3, describe({ sourceId: 'keys' })])
  again.publish(5, 'EEG', [2, describe()])
  t.strictSame(again.log, ['stream Markers', 'resumed EEG'])
  t.strictSame(ada.log, ['stream EEG'])
  t.ok([...again.inbox.streams.values()].includes(stream))
  again.send(2, 0, [at + 0.05, at + 0.06])
  again.send(2, 2, [at + 0.07])
  again.send(2, 5, [at + 0.1])
  again.inbox.receive(encodeControl(['unpublish', 5, [[2, 8]]]))
  await reading
  t.strictSame(gaps, [
    { cause: 'restart', first: 2, missed: 3 },
    { cause: 'dropped', first: 8, missed: 2 },
    { cause: 'dropped', first: 11, missed: 2 },
  ])
  t.strictSame(firsts, [
    [0, 2, 0],
    [5, 2, 3],
    [7, 1, 0],
    [10, 1, 2],
  ])
  t.equal(stream.stats().missed, 7)
})

t.test('ids stay unique when numbers are reused', async (t) => {
  const { left, ada, stream } = setUp()
  ada.leave()
  const again = person(left)
  again.publish(7, 'EEG', [9, describe()])
  again.publish(1, 'other', [2, describe({ sourceId: '' })])
  const streams = [...again.inbox.streams.values()]
  t.equal(streams[0], stream)
  t.equal(new Set(streams.map(({ id }) => id)).size, 2)
  t.equal(new Set(streams.flatMap((one) => one.getDataTracks().map(({ id }) => id))).size, 2)
  again.inbox.receive(encodeControl(['unpublish', 7, []]))
  t.notOk(stream.active)
  t.equal(again.inbox.streams.size, 1)
})

t.test('the gap counts as 0 when it is unknown: no rate, time going back, or another clock', async (t) => {
  const cases: [Partial<StreamDescription>, number][] = [
    [{ nominalRate: 0 }, 1],
    [{}, -1],
    [{}, 1_000_000],
    [{}, Number.NaN],
  ]
  for (const [changes, later] of cases) {
    const { left, ada, gaps } = setUp()
    const description = describe(changes)
    ada.inbox.receive(encodeControl(['describe', 2, description]))
    const at = now()
    ada.send(2, 0, [at], description)
    ada.leave()
    const again = person(left)
    again.publish(1, 'EEG', [2, description])
    again.send(2, 0, [at + later], description)
    t.strictSame(gaps, [{ cause: 'restart', first: 1, missed: 0 }])
  }
})

t.test('a different publication becomes a new stream', async (t) => {
  const two = [...describe().channels, ...describe().channels]
  const cases: [string, StreamDescription[], 'latest' | undefined][] = [
    ['ECG', [describe()], undefined],
    ['EEG', [describe({ sourceId: 'cap 2' })], undefined],
    ['EEG', [describe({ format: 'int8' })], undefined],
    ['EEG', [describe({ channels: two })], undefined],
    ['EEG', [describe(), describe()], undefined],
    ['EEG', [describe()], 'latest'],
  ]
  for (const [name, descriptions, delivery] of cases) {
    const { left, ada, stream } = setUp()
    ada.leave()
    const again = person(left)
    const tracks = descriptions.map((description, i): [number, StreamDescription] => [i + 2, description])
    again.inbox.receive(encodeControl(['publish', 1, { name, delivery, tracks }]))
    t.strictSame(again.log, [`stream ${name}`])
    t.ok(stream.active)
    left.close()
    t.notOk(stream.active)
    t.strictSame(ada.log, ['stream EEG', 'streamend EEG'])
  }
})

t.test('streams without a device end with their peer, and so do the oldest of too many peers', async (t) => {
  const left = new DepartedStreams()
  const people = Array.from({ length: 65 }, () => person(left))
  for (const [i, { publish, leave }] of people.entries()) {
    publish(1, 'EEG', [2, describe({ sourceId: `cap ${i}` })])
    publish(3, 'notes', [4, describe({ sourceId: '' })])
    leave()
  }
  t.strictSame(people[64]?.log, ['stream EEG', 'stream notes', 'streamend notes'])
  t.strictSame(people[0]?.log.at(-1), 'streamend EEG')
  t.strictSame(people[1]?.log.at(-1), 'streamend notes')
  left.close()
  t.strictSame(people[64]?.log.at(-1), 'streamend EEG')
})

t.test('a peer with the same certificate claims the streams once', async (t) => {
  const { left, ada } = setUp()
  const remembered = ada.leave('certificate')
  t.equal(left.claim('another', undefined), undefined)
  t.equal(left.claim('certificate', undefined), remembered)
  t.equal(left.claim('certificate', undefined), undefined)
})

t.test('streams of a verified peer continue only at a peer with the same identity', async (t) => {
  const { left, ada } = setUp('ada')
  const remembered = ada.leave('certificate')
  for (const auth of ['eve', undefined]) {
    const other = person(left, auth)
    other.publish(1, 'EEG', [2, describe()])
    t.strictSame(other.log, ['stream EEG'])
    t.equal(left.claim('certificate', auth), undefined)
  }
  const again = person(left, 'ada')
  again.publish(1, 'EEG', [2, describe()])
  t.strictSame(again.log, ['resumed EEG'])
  t.equal(remembered.inbox.streams.size, 0)
})
