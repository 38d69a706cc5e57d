import t from 'tap'
import { Inbox } from '../../../src/peer/receive/inbox.ts'
import type { Gap, RemoteStream } from '../../../src/peer/receive/remote-stream.ts'
import { type Control, encodeControl } from '../../../src/peer/wire/control.ts'
import { layoutHash, markChunk } from '../../../src/peer/wire/layout-hash.ts'
import { checkDescription, encodeChunk, RemoteClock, type StreamDescription } from '../../../src/streams/mod.ts'
import { inboxEvents } from '../fixture/inbox-events.ts'

const description: StreamDescription = checkDescription({
  name: 'position',
  type: '',
  nominalRate: 0,
  format: 'int16',
  sourceId: '',
  channels: [{ label: 'x', unit: '', type: '' }],
})

const chunkOf = (first: number, count: number, described = description) =>
  encodeChunk(
    2,
    { data: Int16Array.from({ length: count }, (_, i) => first + i), timestamps: new Float64Array(count), first },
    described,
  )
const marked = (first: number, count: number, described = description) =>
  markChunk(layoutHash(described), chunkOf(first, count, described))

function setUp(delivery?: 'latest' | 'deadline') {
  const started: RemoteStream[] = []
  const wanted: number[] = []
  const inbox = new Inbox(
    inboxEvents({ want: ({ history }) => wanted.push(history), stream: (stream) => started.push(stream) }),
    new RemoteClock(),
  )
  const send = (...control: Control) => inbox.receive(encodeControl(control))
  send('publish', 1, { name: 'position', delivery, tracks: [[2, description]] })
  const [stream] = started as [RemoteStream]
  const heard: unknown[] = []
  stream.getDataTracks()[0]?.subscribe((values) => heard.push(...values))
  stream.addEventListener('gap', ({ detail: { first, missed } }: CustomEvent<Gap>) => {
    heard.push(`missed ${missed} from ${first}`)
  })
  return { inbox, send, stream, heard, wanted }
}

t.test('of reordered chunks only newer ones are delivered, and the others count as late', async (t) => {
  const { inbox, stream, heard } = setUp('latest')
  t.equal(stream.delivery, 'latest')
  inbox.receiveUnordered(marked(5, 2))
  inbox.receiveUnordered(marked(9, 1))
  inbox.receiveUnordered(marked(7, 2))
  inbox.receiveUnordered(marked(10, 1))
  t.strictSame(heard, [5, 6, 'missed 2 from 7', 9, 10])
  t.strictSame(stream.stats(), { samples: 4, chunks: 3, bytes: 8, missed: 2, gaps: 1, late: 2 })
  t.equal(stream.getDataTracks()[0]?.missed, 2)
  t.strictSame(inbox.stats(), stream.stats())
})

t.test('a chunk in a layout other than the current one is ignored', async (t) => {
  const { inbox, send, stream, heard } = setUp('deadline')
  const changed = { ...description, format: 'int8' as const }
  inbox.receiveUnordered(marked(0, 2, changed))
  t.equal(inbox.ignored, 1)
  send('describe', 2, changed)
  inbox.receiveUnordered(marked(0, 2))
  t.equal(inbox.ignored, 2)
  t.equal(stream.stats().samples, 0)
  inbox.receiveUnordered(marked(0, 0x80, { ...changed, nominalRate: 1 }))
  t.strictSame(heard, [])
})

t.test('samples dropped after the last chunk are counted at the end of the stream', async (t) => {
  const { inbox, send, stream, heard } = setUp()
  inbox.receive(chunkOf(3, 2))
  send('unpublish', 1, [
    [2, 9],
    [77, 5],
  ])
  t.strictSame(heard, [3, 4, 'missed 4 from 5'])
  t.match(inbox.stats(), { samples: 2, missed: 4, gaps: 1 })
  t.notOk(stream.active)
})

t.test('the unordered channel delivers nothing to reliable or unknown streams', async (t) => {
  const { inbox, send, heard } = setUp()
  inbox.receiveUnordered(marked(0, 1))
  send('unpublish', 1, [])
  inbox.receiveUnordered(marked(0, 1))
  t.equal(inbox.ignored, 2)
  t.strictSame(heard, [])
})

t.test('want is accepted once; its seconds of history must be a number of 0 or more', async (t) => {
  const { inbox, send, wanted } = setUp()
  for (const history of [-1, Number.NaN, '1']) {
    t.throws(() => send('want', { history: history as number }), { code: 'bad-control' })
  }
  send('want', { history: Number.POSITIVE_INFINITY })
  send('want', { history: 1 })
  t.strictSame(wanted, [Number.POSITIVE_INFINITY])
  t.equal(inbox.ignored, 1)
})

t.test('on the unordered channel anything but a marked chunk throws', async (t) => {
  const { inbox } = setUp('latest')
  const cases = [new Uint8Array(0), chunkOf(0, 1), encodeControl(['unpublish', 1, []]), marked(0, 1).subarray(0, 9)]
  for (const bytes of cases) t.throws(() => inbox.receiveUnordered(bytes), { code: 'bad-chunk' })
  t.throws(() => inbox.receiveUnordered(marked(0, 4).subarray(0, -1)), { code: 'bad-chunk' })
})

t.test('layout marks differ between layouts and are the same on every machine', async (t) => {
  const marks = [
    layoutHash(description),
    layoutHash({ ...description, format: 'int8' }),
    layoutHash({ ...description, nominalRate: 250 }),
    layoutHash({ ...description, timeUnit: 's' }),
    layoutHash({ ...description, channels: [...description.channels, ...description.channels] }),
  ]
  t.equal(new Set(marks).size, marks.length)
  // FNV-1a of "int16 1 0 ms".
  t.equal(marks[0], 1_433_236_330)
})
