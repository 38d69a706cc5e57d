import t from 'tap'
import type { OutgoingChunk } from '../../../src/peer/channel/stream-queue.ts'
import type { Receiver } from '../../../src/peer/link/receiver.ts'
import { History, IN_FLIGHT } from '../../../src/peer/publish/history.ts'
import { Outbox } from '../../../src/peer/publish/outbox.ts'
import { OutgoingPublication } from '../../../src/peer/publish/outgoing-publication.ts'
import type { PublishOptions } from '../../../src/peer/publish/publish-options.ts'
import { Inbox } from '../../../src/peer/receive/inbox.ts'
import type { RemoteStream } from '../../../src/peer/receive/remote-stream.ts'
import { type Terms, termsOf } from '../../../src/peer/wire/delivery.ts'
import { checkDescription, now, pushSource, RemoteClock, type StreamDescription } from '../../../src/streams/mod.ts'
import { inboxEvents } from '../fixture/inbox-events.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const description: StreamDescription = checkDescription({
  name: '',
  type: '',
  nominalRate: 0,
  format: 'int16',
  sourceId: '',
  channels: [{ label: '', unit: '', type: '' }],
})

const time = new VirtualTime()
t.beforeEach(() => time.install())
t.afterEach(() => time.uninstall())

t.test('history is limited in bytes and seconds, with extra room for data in flight', async (t) => {
  const history = new History(termsOf({ buffer: { bytes: 1_000, seconds: 10 } }))
  let next = 0
  const push = (at: number, bytes = 1_000_000) =>
    history.push(next++, { bytes: new Uint8Array(bytes), samples: 1, at }, description)
  const times = (since = 0) => history.from({ since }).map(({ chunk }) => chunk.at)
  for (let at = 1; at <= 9; at++) push(at)
  t.strictSame(times(), [2, 3, 4, 5, 6, 7, 8, 9])
  t.equal(history.bytes, 8_000_000)
  t.strictSame(times(5.5), [6, 7, 8, 9])
  t.strictSame(
    history.from({ next: 7 }).map(({ first }) => first),
    [7, 8],
  )
  push(25, 1)
  t.strictSame(times(), [5, 6, 7, 8, 9, 25])
  history.clear()
  t.strictSame(times(), [])
  push(25.5)
  push(26, IN_FLIGHT.bytes + 1_001)
  t.strictSame(times(), [])
  t.equal(history.bytes, 0)
})

t.test('the backlog of a disconnected peer is its queue and what came since', async (t) => {
  const history = new History(termsOf({}))
  let next = 0
  const push = (age: number) =>
    history.push(next++, { bytes: new Uint8Array(100), samples: 1, at: now() - age }, description)
  const [one, other] = [{}, {}]
  for (const age of [9, 8, 7]) push(age)
  t.strictSame(history.waiting(), { bytes: 0, seconds: 0 })
  history.leave(one, { bytes: 0, seconds: 0 })
  t.strictSame(history.waiting(), { bytes: 0, seconds: 0 })
  push(3)
  push(1)
  t.equal(history.waiting().bytes, 200)
  t.equal(Math.round(history.waiting().seconds), 3)
  history.leave(other, { bytes: 300, seconds: 7 })
  t.equal(history.waiting().bytes, 300)
  t.equal(Math.round(history.waiting().seconds), 7)
  history.return(other)
  t.equal(history.waiting().bytes, 200)
  history.return(one)
  t.strictSame(history.waiting(), { bytes: 0, seconds: 0 })
})

/** Adds a receiver. Records its samples, each with the nominal rate at its arrival. */
function join(
  outbox: Outbox,
  seconds: number,
): { values: unknown[]; rates: number[]; gaps: number[]; ignored: () => number } {
  const heard = { values: [] as unknown[], rates: [] as number[], gaps: [] as number[], ignored: () => inbox.ignored }
  const listen = (stream: RemoteStream) => {
    stream.addEventListener('gap', ({ detail }) => heard.gaps.push(detail.missed))
    const [track] = stream.getDataTracks()
    track?.subscribe((values) => {
      heard.values.push(...values)
      heard.rates.push(...values.map(() => track.description.nominalRate))
    })
  }
  const inbox = new Inbox(inboxEvents({ stream: listen }), new RemoteClock())
  const link = {
    send: (bytes: Uint8Array) => inbox.receive(bytes),
    sendTo: (_: number, bytes: Uint8Array) => inbox.receive(bytes),
    sendChunk(_: number, { bytes }: OutgoingChunk, { reliable }: Terms) {
      if (reliable) inbox.receive(bytes)
      else inbox.receiveUnordered(bytes)
    },
    waiting: () => ({ bytes: 0, seconds: 0 }),
  }
  outbox.addLink(link as unknown as Receiver, seconds)
  return heard
}

function publish(options: PublishOptions = {}) {
  const outbox = new Outbox()
  const { source, push } = pushSource({ name: 'x', format: 'int16' })
  const publication = new OutgoingPublication(source, 'x', options, outbox)
  return { outbox, publication, push }
}
const turn = () => time.pass(0)

t.test('a late joiner receives past, collected and new samples in order, each once', async (t) => {
  const { outbox, push } = publish()
  const first = join(outbox, 60)
  push([1, 2])
  await turn()
  push([3])
  await turn()
  push([4])
  const late = join(outbox, 60)
  const without = join(outbox, 0)
  t.strictSame(late.values, [1, 2, 3, 4])
  push([5])
  await turn()
  for (const { values } of [first, late]) t.strictSame(values, [1, 2, 3, 4, 5])
  t.strictSame(without.values, [5])
  t.strictSame([...late.gaps, ...without.gaps], [])
  t.strictSame([late.ignored(), without.ignored()], [0, 0])
})

t.test('history is kept without receivers, and sent only as far back as requested', async (t) => {
  const { outbox, push } = publish()
  push([1])
  await time.pass(0.3)
  push([2])
  await turn()
  t.strictSame(join(outbox, 60).values, [1, 2])
  t.strictSame(join(outbox, 0.2).values, [2])
})

t.test('past samples come with the description of their time', async (t) => {
  const { outbox, publication, push } = publish()
  push([1])
  await turn()
  publication.describe({ nominalRate: 250 })
  push([2])
  await turn()
  publication.describe({ nominalRate: 500 })
  const late = join(outbox, 60)
  t.strictSame(late.rates, [0, 250])
  push([3])
  await turn()
  t.strictSame(late.rates, [0, 250, 500])
})

t.test('streams that are not reliable have no history', async (t) => {
  const { outbox, push } = publish({ delivery: 'latest' })
  push([1])
  await turn()
  const late = join(outbox, 60)
  t.strictSame(late.values, [])
  push([2])
  await turn()
  t.strictSame(late.values, [2])
})
