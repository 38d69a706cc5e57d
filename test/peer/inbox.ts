import fc from 'fast-check'
import t from 'tap'
import { announce, type Control, encodeControl } from '../../src/peer/control.ts'
import { Inbox, MAX_PUBLICATIONS, MAX_STREAMS } from '../../src/peer/inbox.ts'
import type { Chunk, RemoteStream } from '../../src/peer/remote-stream.ts'
import { encodeValue } from '../../src/protocol/mod.ts'
import { checkDescription, encodeChunk, type Format, MAX_MESSAGE_BYTES, StreamError } from '../../src/streams/mod.ts'

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
  const inbox = new Inbox({ stream: (stream) => started.push(stream), streamend: (stream) => ended.push(stream) })
  const send = (...control: Control) => inbox.receive(encodeControl(control))
  return { inbox, send, started, ended }
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
  send('unpublish', 1)
  t.strictSame(ended, [stream])
  t.notOk(stream.active)
  t.equal(left?.readyState, 'ended')
  t.equal(inbox.streams.size, 0)
})

t.test('for await gives chunks, and says what was missed', async (t) => {
  const { inbox, send, started } = setUp()
  send('publish', 1, { name: '', tracks: [[2, describe('EEG', 'float64', 2)]] })
  const [stream] = started as [RemoteStream]
  const rows: unknown[] = []
  stream.getDataTracks()[0]?.subscribe((values) => rows.push(...values))
  const chunks: Chunk[] = []
  const reading = (async () => {
    for await (const chunk of stream) chunks.push(chunk)
  })()
  inbox.receive(chunkOf(2, 10, [1, 2, 3, 4], 2))
  inbox.receive(chunkOf(2, 15, [5, 6], 2))
  send('untrack', 2, 20)
  send('unpublish', 1)
  await reading
  t.strictSame(
    chunks.map(({ data, first, samples, missed }) => [Array.from(data as Float64Array), first, samples, missed]),
    [
      [[1, 2, 3, 4], 10, 2, 0],
      [[5, 6], 15, 1, 3],
    ],
  )
  t.strictSame(rows, [
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  t.match(chunks[0]?.track, { samples: 3, missed: 7 })
})

t.test('a description may change', async (t) => {
  const { inbox, send, started } = setUp()
  send('publish', 1, { name: '', tracks: [[2, describe('a')]] })
  send('describe', 2, describe('a', 'string'))
  const track = started[0]?.getDataTracks()[0]
  const texts: unknown[] = []
  track?.subscribe((values) => texts.push(...values))
  inbox.receive(encodeChunk(2, { data: ['ä'], timestamps: Float64Array.of(1), first: 0 }, describe('a', 'string')))
  t.strictSame(texts, ['ä'])
})

t.test('what is about streams that are not there, or unknown, is counted and nothing else', async (t) => {
  const { inbox, send, started } = setUp()
  inbox.receive(chunkOf(9, 0, [1]))
  send('track', 9, 9, describe('x'))
  send('describe', 9, describe('x'))
  send('untrack', 9, 0)
  send('unpublish', 9)
  inbox.receive(encodeValue(['later', 1]))
  t.equal(inbox.ignored, 6)
  t.strictSame(started, [])
})

t.test('what breaks the rules throws', async (t) => {
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

t.test('publications and streams are bounded', async (t) => {
  const { inbox, send } = setUp()
  for (let i = 1; i <= MAX_PUBLICATIONS; i++) send('publish', i, { name: '', tracks: [] })
  t.throws(() => send('publish', 0, { name: '', tracks: [] }), /256 publications/)
  for (let i = 1; i <= MAX_STREAMS; i++) send('track', 1, i, describe('x'))
  t.throws(() => send('track', 1, 0, describe('x')), /4096 streams/)
  inbox.close()
  t.equal(inbox.streams.size, 0)
})

t.test('a long announcement comes in messages that fit', async (t) => {
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
        // What msgpack cannot say is no message.
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
