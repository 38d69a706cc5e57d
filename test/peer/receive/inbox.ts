import fc from 'fast-check'
import t from 'tap'
import { MAX_CHANNELS, MAX_STREAMS } from '../../../src/peer/receive/decoder.ts'
import { Inbox } from '../../../src/peer/receive/inbox.ts'
import { MAX_PUBLICATIONS } from '../../../src/peer/receive/incoming-publications.ts'
import type { Chunk, RemoteStream } from '../../../src/peer/receive/remote-stream.ts'
import { announce, type Control, encodeControl } from '../../../src/peer/wire/control.ts'
import { encodeValue } from '../../../src/protocol/mod.ts'
import {
  checkDescription,
  encodeChunk,
  type Format,
  MAX_MESSAGE_BYTES,
  now,
  RemoteClock,
  StreamError,
} from '../../../src/streams/mod.ts'
import { inboxEvents } from '../fixture/inbox-events.ts'

const describe = (name: string, format: Format = 'float64', channels = 1, contentHint = '') =>
  checkDescription({
    name,
    type: 'EEG',
    nominalRate: 250,
    format,
    sourceId: 'device',
    channels: Array.from({ length: channels }, (_, i) => ({ label: `${i}`, unit: 'µV', type: 'EEG' })),
    kind: 'eeg',
    contentHint,
  })

const chunkOf = (stream: number, first: number, values: number[], channels = 1) =>
  encodeChunk(
    stream,
    {
      data: Float64Array.from(values),
      timestamps: Float64Array.from({ length: values.length / channels }, (_, i) => (first + i) * 4),
      first,
    },
    describe('', 'float64', channels),
  )

function setUp() {
  const started: RemoteStream[] = []
  const ended: RemoteStream[] = []
  const clock = new RemoteClock()
  const events = inboxEvents({
    stream: (stream) => started.push(stream),
    streamend: (stream) => ended.push(stream),
  })
  const inbox = new Inbox(events, clock)
  const send = (...control: Control) => inbox.receive(encodeControl(control))
  return { inbox, clock, send, started, ended }
}

t.test('a publication becomes a stream that behaves like a DataStream', async (t) => {
  const { inbox, send, started, ended } = setUp()
  const tracks: [number, ReturnType<typeof describe>][] = [
    [2, describe('Muse', 'float64', 1, 'TP9')],
    [3, describe('Muse', 'float64', 1, 'TP9')],
  ]
  send('publish', 1, { name: 'EEG', tracks })
  const [stream] = started as [RemoteStream]
  t.equal(stream.name, 'EEG')
  t.ok(stream.active)
  t.strictSame([...stream.tracks.keys()], ['TP9', 1])
  const [left] = stream.getDataTracks()
  t.match(left, { label: 'Muse', kind: 'eeg', contentHint: 'TP9', readyState: 'live', enabled: true })
  t.strictSame(stream.getTracks(), stream.getDataTracks())
  const heard: unknown[] = []
  const id = left?.subscribe((values, timestamps) => heard.push(values, timestamps)) as string
  inbox.receive(chunkOf(2, 0, [1, 2]))
  inbox.receive(chunkOf(3, 0, [9]))
  t.strictSame(heard, [
    [1, 2],
    [0, 4],
  ])
  t.ok(left?.unsubscribe(id))
  inbox.receive(chunkOf(2, 2, [3]))
  t.equal(heard.length, 2)

  const told: unknown[] = []
  stream.addEventListener('addtrack', ({ track, detail }) => told.push(track.label, track === detail))
  stream.addEventListener('removetrack', ({ track }) => told.push(`-${track.label}`, track.readyState))
  send('track', 1, 4, describe('late'))
  send('untrack', 4, 0)
  t.strictSame(told, ['late', true, '-late', 'ended'])
  send('unpublish', 1, [])
  t.strictSame(ended, [stream])
  t.notOk(stream.active)
  t.equal(left?.readyState, 'ended')
  t.equal(inbox.streams.size, 0)
})

t.test('for await yields chunks with the number of missed samples', async (t) => {
  const { inbox, send, started } = setUp()
  send('publish', 1, { name: '', tracks: [[2, describe('EEG', 'float64', 2)]] })
  const [stream] = started as [RemoteStream]
  const columns: unknown[][] = [[], []]
  const [left, right] = stream.getDataTracks()
  for (const track of stream.getDataTracks()) track.subscribe((values) => columns[track.channel]?.push(...values))
  const chunks: Chunk[] = []
  const reading = (async () => {
    for await (const chunk of stream) chunks.push(chunk)
  })()
  inbox.receive(chunkOf(2, 10, [1, 2, 3, 4], 2))
  inbox.receive(chunkOf(2, 15, [5, 6], 2))
  send('untrack', 2, 20)
  send('unpublish', 1, [])
  await reading
  t.strictSame(
    chunks.map(({ data, first, samples, missed }) => [Array.from(data as Float64Array), first, samples, missed]),
    [
      [[1, 2, 3, 4], 10, 2, 0],
      [[5, 6], 15, 1, 3],
    ],
  )
  t.strictSame(columns, [
    [1, 3, 5],
    [2, 4, 6],
  ])
  t.equal(chunks[0]?.track, left)
  t.strictSame(chunks[0]?.channels, ['0', '1'])
  t.match(
    [left, right],
    [
      { samples: 3, missed: 7 },
      { samples: 3, missed: 7 },
    ],
  )
})

t.test('a chunk has timestamps of the own clock and of the source', async (t) => {
  const { inbox, clock, send, started } = setUp()
  const irregular = { ...describe('Markers'), nominalRate: 0 }
  send('publish', 1, { name: '', tracks: [[2, irregular]] })
  const [stream] = started as [RemoteStream]
  const heard: number[] = []
  stream.getDataTracks()[0]?.subscribe((_, timestamps) => heard.push(...timestamps))
  const chunks: Chunk[] = []
  const reading = (async () => {
    for await (const chunk of stream) chunks.push(chunk)
  })()
  const marker = (first: number, stamp: number) => {
    const samples = { data: Float64Array.of(1), timestamps: Float64Array.of(stamp), first }
    return encodeChunk(2, samples, irregular)
  }
  inbox.receive(marker(0, 500))
  clock.update({ at: now(), offset: 3_600, drift: 0, roundTrip: 0.002, errorBound: 0.001 }, now())
  inbox.receive(marker(1, 3_600_500))
  send('describe', 2, { ...irregular, timeUnit: 's' })
  inbox.receive(marker(2, 3_600.5))
  send('unpublish', 1, [])
  await reading
  t.strictSame(heard, [500, 3_600_500, 3_600.5], 'a subscriber receives the timestamps of the source')
  t.strictSame(
    chunks.map(({ timestamps, sourceTimestamps }) => [...timestamps, ...sourceTimestamps]),
    [
      [0.5, 500],
      [0.5, 3_600_500],
      [0.5, 3_600.5],
    ],
  )
  const errors = chunks.map(({ timeError }) => timeError) as [number, number, number]
  t.equal(errors[0], Infinity)
  t.ok(errors[1] >= 0.001 && errors[1] < 0.01)
})

t.test('a changed description fires describe on its track and its stream', async (t) => {
  const { inbox, send, started } = setUp()
  send('publish', 1, { name: '', tracks: [[2, describe('a')]] })
  const told: unknown[] = []
  started[0]?.addEventListener('describe', ({ detail }) => told.push(...detail.map(({ label }) => label)))
  started[0]?.getDataTracks()[0]?.addEventListener('describe', () => told.push('track'))
  send('describe', 2, describe('b', 'string'))
  t.strictSame(told, ['track', 'b'])
  const track = started[0]?.getDataTracks()[0]
  const texts: unknown[] = []
  track?.subscribe((values) => texts.push(...values))
  inbox.receive(encodeChunk(2, { data: ['ä'], timestamps: Float64Array.of(1), first: 0 }, describe('a', 'string')))
  t.strictSame(texts, ['ä'])
})

t.test('the number of channels can change until the first sample', async (t) => {
  const { inbox, send, started } = setUp()
  send('publish', 1, { name: '', tracks: [[2, describe('a', 'float64', 2)]] })
  send('describe', 2, describe('a', 'float64', 3))
  const tracks = started[0]?.getDataTracks() ?? []
  t.strictSame(
    tracks.map(({ id, channel, contentHint }) => [id, channel, contentHint]),
    [
      ['2', 0, '0'],
      ['2.1', 1, '1'],
      ['2.2', 2, '2'],
    ],
  )
  inbox.receive(chunkOf(2, 0, [1, 2, 3], 3))
  t.throws(() => send('describe', 2, describe('a', 'float64', 2)), { code: 'bad-control' })
})

t.test('a channel that was a track of its own keeps its name, kind and contentHint', async (t) => {
  const { send, started } = setUp()
  const description = describe('Muse', 'float64', 2)
  const [tp9, ppg] = description.channels.map((channel) => ({ ...channel, label: 'x' }))
  const channels = [
    { ...tp9, contentHint: 'TP9' },
    { ...ppg, name: 'Pulse', kind: 'ppg', contentHint: '' },
  ] as never
  send('publish', 1, { name: '', tracks: [[2, { ...description, channels }]] })
  t.match(started[0]?.getDataTracks(), [
    { label: 'Muse', kind: 'eeg', contentHint: 'TP9' },
    { label: 'Pulse', kind: 'ppg', contentHint: '' },
  ])
})

t.test('messages about unknown streams, and unknown messages, are only counted', async (t) => {
  const { inbox, send, started } = setUp()
  inbox.receive(chunkOf(9, 0, [1]))
  send('track', 9, 9, describe('x'))
  send('describe', 9, describe('x'))
  send('untrack', 9, 0)
  send('unpublish', 9, [])
  inbox.receive(encodeValue(['later', 1]))
  t.equal(inbox.ignored, 6)
  t.strictSame(started, [])
})

t.test('a message that breaks the protocol throws', async (t) => {
  const cases: [string, unknown][] = [
    ['text', 'text'],
    ['nothing', new Uint8Array(0)],
    ['no msgpack', Uint8Array.of(0x92, 0xa1)],
    ['deep', Uint8Array.of(0x92, 0xa1, 0x61, ...new Uint8Array(1_000).fill(0x91), 0xc0)],
    ['no name', encodeValue(['publish', 1, { tracks: [] }])],
    ['no description', encodeValue(['publish', 1, { name: '', tracks: [[1, {}]] }])],
    ['a negative number', encodeValue(['publish', -1, { name: '', tracks: [] }])],
    ['proto', encodeValue(['__proto__'])],
    ['there already', encodeControl(['publish', 1, { name: '', tracks: [] }])],
    ['a stream twice', encodeControl(['track', 1, 2, describe('x')])],
    ['samples again', chunkOf(2, 0, [1])],
    ['another format', chunkOf(2, 1, [1, 2], 2).subarray(0, -1)],
  ]
  for (const [name, message] of cases) {
    const { inbox, send } = setUp()
    send('publish', 1, { name: '', tracks: [[2, describe('x')]] })
    inbox.receive(chunkOf(2, 0, [1]))
    if (name === 'proto') inbox.receive(message as Uint8Array)
    else t.throws(() => inbox.receive(message as Uint8Array), { name: 'StreamError' }, name)
  }
})

t.test('the name of a publication is normalized, and must have no character that nobody sees', async (t) => {
  const { inbox, send, started } = setUp()
  for (const message of announce(1, { name: 'Zu\u0308rich', tracks: [] })) inbox.receive(message)
  send('publish', 2, { name: 'Zu\u0308rich', tracks: [] })
  t.strictSame(
    started.map(({ name }) => name),
    ['Z\u00fcrich', 'Z\u00fcrich'],
  )
  t.notMatch(String.fromCharCode(...([...announce(1, { name: 'u\u0308', tracks: [] })][0] ?? [])), '\xcc\x88')
  t.throws(() => send('publish', 3, { name: '\u202eGEE', tracks: [] }), {
    code: 'bad-control',
    message: /2\.name is not valid: must not have U\+202E, which changes the direction of text$/,
  })
})

t.test('an error quotes what the peer sent with escapes', async (t) => {
  const { inbox } = setUp()
  const evil = encodeValue(['publish', 1, { name: '', delivery: '\x1b[2J\n', tracks: [] }])
  t.throws(() => inbox.receive(evil), { message: /: it is "\\x1b\[2J\\x0a"$/ })
})

t.test('the numbers of publications and streams are limited', async (t) => {
  const { inbox, send } = setUp()
  for (let i = 1; i <= MAX_PUBLICATIONS; i++) send('publish', i, { name: '', tracks: [] })
  t.throws(() => send('publish', 0, { name: '', tracks: [] }), /256 publications/)
  for (let i = 1; i <= MAX_STREAMS; i++) send('track', 1, i, describe('x'))
  t.throws(() => send('track', 1, 0, describe('x')), /4096 streams/)
  inbox.close()
  t.equal(inbox.streams.size, 0)
})

t.test('the number of streams and publications that a peer ever had is limited', async (t) => {
  const inbox = new Inbox(inboxEvents(), new RemoteClock(), 6)
  const send = (...control: Control) => inbox.receive(encodeControl(control))
  for (let i = 1; i <= 3; i++) {
    send('publish', i, { name: '', tracks: [[i, describe('x')]] })
    send('unpublish', i, [])
  }
  t.throws(() => send('publish', 4, { name: '', tracks: [] }), {
    code: 'too-many-streams',
    message: 'Cannot accept more than 6 streams and publications of one peer',
  })
})

t.test('the number of channels is limited, and channels of ended streams do not count', async (t) => {
  const { send } = setUp()
  send('publish', 1, { name: '', tracks: [] })
  const wide = { ...describe('x', 'int8', 512), channels: Array(512).fill({ label: '', unit: '', type: '' }) }
  const most = MAX_CHANNELS / 512
  for (let i = 1; i <= most; i++) send('track', 1, i, wide)
  t.throws(() => send('track', 1, 0, describe('x')), /16384 channels/)
  send('untrack', 1, 0)
  send('track', 1, 0, describe('x'))
  send('unpublish', 1, [])
  send('publish', 1, { name: '', tracks: [] })
  for (let i = 1; i <= most; i++) send('track', 1, i, wide)
})

t.test('a long announcement is split into messages of allowed size', async (t) => {
  const { inbox, started } = setUp()
  const description = { ...describe('x'), metadata: { notes: 'x'.repeat(10_000) } }
  const tracks = Array.from({ length: 100 }, (_, i): [number, typeof description] => [i + 2, description])
  const messages = [...announce(1, { name: 'EEG', tracks })]
  t.ok(messages.length > 1 && messages.every(({ length }) => length < MAX_MESSAGE_BYTES))
  for (const message of messages) inbox.receive(message)
  t.equal(started[0]?.tracks.size, 100)
})

t.test('random messages throw nothing but StreamErrors', async (t) => {
  const word = fc.constantFrom('publish', 'track', 'describe', 'untrack', 'unpublish')
  const number = fc.oneof(fc.nat(3), fc.anything())
  const message = fc.tuple(word, number, number, fc.oneof(fc.constant(describe('x')), fc.anything()))
  const bytes = fc.oneof(
    fc.uint8Array(),
    message.map((value) => {
      try {
        return encodeValue(value)
      } catch {
        // msgpack cannot encode this value.
        return new Uint8Array(1)
      }
    }),
  )
  fc.assert(
    fc.property(fc.array(bytes), (messages) => {
      const { inbox } = setUp()
      for (const data of messages) {
        try {
          inbox.receive(data)
        } catch (error) {
          if (!(error instanceof StreamError)) t.fail(String(error))
        }
      }
    }),
    { numRuns: 500 },
  )
})
