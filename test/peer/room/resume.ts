import fc from 'fast-check'
import t, { type Test } from 'tap'
import { MAX_ENDED_PUBLICATIONS } from '../../../src/peer/publish/ended-publications.ts'
import { Outbox } from '../../../src/peer/publish/outbox.ts'
import { OutgoingPublication } from '../../../src/peer/publish/outgoing-publication.ts'
import type { Publication } from '../../../src/peer/publish/publication.ts'
import type { PublishOptions } from '../../../src/peer/publish/publish-options.ts'
import { Inbox } from '../../../src/peer/receive/inbox.ts'
import type { RemoteStream } from '../../../src/peer/receive/remote-stream.ts'
import { encodeControl } from '../../../src/peer/wire/control.ts'
import { now, RemoteClock, type SourceSink, type StreamDescription } from '../../../src/streams/mod.ts'
import { inboxEvents } from '../fixture/inbox-events.ts'
import { Pipe } from '../fixture/pipe.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

/** Number of random histories. The environment variable RESUME_RUNS overrides it. */
const RUNS = Number(process.env.RESUME_RUNS ?? 300)

/** A stream as published. Sample n has the value n. */
interface Made {
  label: string
  track: object
  sink: SourceSink
  samples: number
  rate: number
  over: boolean
}

/** The same stream as received: its samples, the missed ones, faults, and how often it ended. */
interface Came {
  next: number
  samples: number
  missed: number
  wrong: string[]
  ended: number
}

/** One publisher and one receiver, with a link that can be cut and restored. */
class World {
  readonly outbox = new Outbox()
  readonly inbox: Inbox
  readonly made: Made[] = []
  readonly publications: { publication: Publication; sink: SourceSink }[] = []
  readonly came = new Map<string, Came>()
  readonly streams: RemoteStream[] = []
  readonly options: PublishOptions
  #pipe: Pipe | undefined
  #left: Pipe | undefined
  #since: number | undefined

  constructor(options: PublishOptions) {
    this.options = options
    this.inbox = new Inbox(inboxEvents({ stream: (stream) => this.#listen(stream) }), new RemoteClock())
  }

  connect(): void {
    if (this.#pipe !== undefined) return
    this.#pipe = new Pipe()
    const { history, resume, ended = [] } = this.inbox.relink(0)
    this.#since ??= now()
    const known = resume && { next: new Map(resume), ended: new Set(ended), since: this.#since }
    this.outbox.addLink(this.#pipe.link, history, known)
    if (this.#left !== undefined) this.outbox.removeLink(this.#left.link)
    this.#left = undefined
  }

  /** Cuts the link. Messages in flight and in queues are lost. */
  cut(): void {
    if (this.#pipe === undefined) return
    this.outbox.leave(this.#pipe.link)
    this.inbox.unlink()
    this.#left = this.#pipe
    this.#pipe = undefined
  }

  deliver(most: number): void {
    this.#pipe?.deliver(most, ({ bytes, unordered }) => {
      if (unordered) this.inbox.receiveUnordered(bytes)
      else this.inbox.receive(bytes)
    })
  }

  publish(options: PublishOptions = {}): void {
    let sink: SourceSink | undefined
    const source = (given: SourceSink) => {
      sink = given
      return () => {}
    }
    const publication = new OutgoingPublication(
      source,
      `${this.publications.length}`,
      { ...this.options, ...options },
      this.outbox,
    )
    this.publications.push({ publication, sink: sink as never })
    this.track(this.publications.length - 1)
  }

  track(which: number): void {
    const { sink } = this.#some(this.publications, which) ?? {}
    if (sink === undefined) return
    const made = { label: `${this.made.length}`, track: {}, sink, samples: 0, rate: 0, over: false }
    const channels = [{ label: made.label, unit: '', type: '' }]
    sink.addTrack(made.track, { format: 'int32', channels, nominalRate: 0, sourceId: 'device' })
    this.made.push(made)
  }

  push(which: number, samples: number): void {
    const made = this.#some(this.made, which)
    if (made === undefined) return
    const values = Array.from({ length: samples }, (_, i) => made.samples + i)
    made.sink.push(made.track, values, values)
    const { publication } = this.publications.find(({ sink }) => sink === made.sink) as { publication: Publication }
    if (!made.over && !this.#stopped.has(publication)) made.samples += samples
  }

  untrack(which: number): void {
    const made = this.#some(this.made, which)
    if (made === undefined) return
    made.sink.removeTrack(made.track)
    made.over = true
  }

  describe(which: number, nominalRate: number): void {
    this.#some(this.publications, which)?.publication.describe({ nominalRate })
  }

  readonly #stopped = new Set<Publication>()
  stop(which: number): void {
    const { publication } = this.#some(this.publications, which) ?? {}
    if (publication === undefined) return
    this.#stopped.add(publication)
    publication.stop()
  }

  #some<Item>(items: Item[], which: number): Item | undefined {
    return items[which % items.length]
  }

  #listen(stream: RemoteStream): void {
    this.streams.push(stream)
    const came = (label: string): Came => {
      const known = this.came.get(label) ?? { next: 0, samples: 0, missed: 0, wrong: [], ended: 0 }
      this.came.set(label, known)
      return known
    }
    stream.addEventListener('gap', ({ detail: { track, first, missed } }) => {
      const one = came(track.description.channels[0]?.label as string)
      if (first !== one.next) one.wrong.push(`a gap at ${first} behind ${one.next}`)
      one.missed += missed
      one.next = first + missed
    })
    for (const track of stream.getDataTracks()) this.#subscribe(came, track)
    stream.addEventListener('addtrack', ({ track }) => this.#subscribe(came, track))
  }

  #subscribe(came: (label: string) => Came, track: ReturnType<RemoteStream['getDataTracks']>[number]): void {
    const one = came(track.description.channels[0]?.label as string)
    track.subscribe((values) => {
      for (const value of values) {
        if (value !== one.next) one.wrong.push(`${value} behind ${one.next}`)
        one.next = (value as number) + 1
        one.samples++
      }
    })
    track.addEventListener('ended', () => one.ended++)
  }
}

type Step = [keyof typeof weights, number, number]
const weights = {
  push: 8,
  deliver: 8,
  cut: 3,
  connect: 4,
  publish: 2,
  track: 1,
  untrack: 1,
  describe: 2,
  stop: 1,
  turn: 4,
}
const step = fc.tuple(
  fc.oneof(
    ...Object.entries(weights).map(([arbitrary, weight]) => ({ arbitrary: fc.constant(arbitrary), weight })),
  ) as fc.Arbitrary<Step[0]>,
  fc.nat(50),
  fc.integer({ min: 1, max: 6 }),
)

async function play(world: World, steps: Step[]): Promise<void> {
  world.connect()
  for (const [kind, which, amount] of steps) {
    if (kind === 'push') world.push(which, amount)
    else if (kind === 'deliver') world.deliver(amount)
    else if (kind === 'cut') world.cut()
    else if (kind === 'connect') world.connect()
    else if (kind === 'publish') world.publish()
    else if (kind === 'track') world.track(which)
    else if (kind === 'untrack') world.untrack(which)
    else if (kind === 'describe') world.describe(which, amount)
    else if (kind === 'stop') world.stop(which)
    else await new Promise((resolve) => setTimeout(resolve, 0))
  }
  await new Promise((resolve) => setTimeout(resolve, 0))
  world.connect()
  world.deliver(1e9)
  for (let i = 0; i < world.publications.length; i++) world.stop(i)
  world.deliver(1e9)
  world.outbox.close()
}

/** Checks that every published sample arrived once and in order, or was counted as missed. */
function check(world: World): { missed: number; faults: string[] } {
  const faults: string[] = []
  let missed = 0
  for (const { label, samples } of world.made) {
    const came = world.came.get(label)
    if (came === undefined) {
      if (samples > 0) faults.push(`${label}: none of ${samples} came`)
      continue
    }
    missed += came.missed
    faults.push(...came.wrong.map((wrong) => `${label}: ${wrong}`))
    if (came.samples + came.missed !== samples) {
      faults.push(`${label}: ${came.samples} and ${came.missed} missed are not ${samples}`)
    }
    if (came.ended !== 1) faults.push(`${label}: ended ${came.ended} times`)
  }
  if (world.inbox.streams.size > 0) faults.push(`${world.inbox.streams.size} streams are left`)
  if (new Set(world.streams.map(({ id }) => id)).size !== world.streams.length) faults.push('a stream came twice')
  return { missed, faults }
}

const run = (t: Test, options: PublishOptions, mayMiss: boolean) =>
  fc
    .assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const world = new World(options)
        await play(world, steps)
        const { missed, faults } = check(world)
        if (faults.length > 0) throw new Error(faults.join('\n'))
        if (missed > 0 && !mayMiss) throw new Error(`${missed} were missed`)
        if (world.inbox.ignored > 0) throw new Error(`${world.inbox.ignored} messages were ignored`)
      }),
      { numRuns: RUNS, seed: 4 },
    )
    .then(() => t.pass())

t.test('whatever happens to the link, every sample arrives once and in order', (t) => run(t, {}, false))

t.test('samples over the buffer limit count as missed and never arrive twice or late', async (t) => {
  for (const overflow of ['pause', 'drop-oldest'] as const) await run(t, { buffer: { bytes: 100 }, overflow }, true)
})

/** Creates a world with one publication of one stream, and records its gaps. */
async function setUp(options: PublishOptions = {}) {
  const world = new World(options)
  world.connect()
  world.publish()
  const gaps: string[] = []
  await turn()
  world.deliver(1e9)
  const [stream] = world.streams as [RemoteStream]
  stream.addEventListener('gap', ({ detail: { cause, first, missed } }) => gaps.push(`${cause} ${first} ${missed}`))
  const { publication } = world.publications[0] as { publication: Publication }
  const push = async (samples: number) => {
    world.push(0, samples)
    await turn()
  }
  return { world, stream, gaps, publication, push }
}
/** Needs neither timers nor real time, so that it works in virtual time too. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('samples that left the buffer before the receiver resumes are a gap, counted at both ends', async (t) => {
  const { world, gaps, publication, push } = await setUp({ buffer: { bytes: 1_000 } })
  await push(10)
  world.deliver(1e9)
  world.cut()
  // More than the buffer holds: a sample with its timestamp has 12 bytes.
  for (let i = 0; i < 12; i++) await push(100_000)
  const kept = publication.stats().droppedSamples
  t.equal(kept, 0, 'no receiver lacks samples yet')
  world.connect()
  world.deliver(1e9)
  const { droppedSamples, droppedChunks } = publication.stats()
  t.ok(droppedSamples > 0 && droppedSamples < 1_200_000, `${droppedSamples} of 1,200,000`)
  t.equal(droppedChunks, 1)
  t.strictSame(gaps, [`link 10 ${droppedSamples}`])
  t.equal(world.came.get('0')?.samples, 1_200_010 - droppedSamples)
})

t.test('the end of a stream says its number of samples even after the history has expired', async (t) => {
  const time = new VirtualTime()
  time.install()
  t.teardown(() => time.uninstall())
  const { world, stream, gaps, publication, push } = await setUp({ buffer: { seconds: 0.05 } })
  await push(10)
  world.deliver(1e9)
  world.cut()
  await push(5)
  world.stop(0)
  await time.pass(0.1)
  world.connect()
  world.deliver(1e9)
  t.strictSame(gaps, ['link 10 5'])
  t.equal(publication.stats().droppedSamples, 5)
  t.notOk(stream.active)
})

t.test('streams that are not reliable continue, and missed samples are counted', async (t) => {
  const { world, stream, gaps, push } = await setUp({ delivery: 'latest' })
  await push(3)
  world.deliver(1e9)
  world.cut()
  await push(4)
  world.connect()
  await push(2)
  world.deliver(1e9)
  await push(1)
  world.deliver(1e9)
  t.strictSame(gaps, ['link 3 4'])
  t.equal(stream.stats().samples, 6)
  world.stop(0)
  world.deliver(1e9)
  t.notOk(stream.active)
  t.equal(world.streams.length, 1)
})

t.test('a publisher that does not resume starts new streams', async (t) => {
  const { world, stream } = await setUp()
  world.cut()
  world.inbox.relink(0)
  world.inbox.receive(encodeControl(['publish', 1, { name: 'another', tracks: [] }]))
  t.notOk(stream.active)
  t.equal(world.streams.length, 2)
  world.inbox.receive(encodeControl(['resume', [], []]))
  t.equal(world.inbox.ignored, 1, 'too late')
  t.throws(() => world.inbox.receive(encodeControl(['publish', 1, { name: 'twice', tracks: [] }])), {
    code: 'bad-control',
  })
})

t.test('a resumed publication is announced once and keeps its number of channels', async (t) => {
  const { world, stream, push } = await setUp()
  await push(1)
  world.deliver(1e9)
  const [track] = stream.getDataTracks()
  const description = track?.description as StreamDescription
  const wide = { ...description, channels: [...description.channels, ...description.channels] }
  const again = (tracks: [number, StreamDescription][]) => encodeControl(['publish', 1, { name: '0', tracks }])
  for (const [tracks, times] of [
    [[[2, wide]], 1],
    [[[2, description]], 2],
    [[], 2],
  ] as [[number, StreamDescription][], number][]) {
    world.inbox.unlink()
    world.inbox.relink(0)
    world.inbox.receive(encodeControl(['resume', [1, 77], [2, 78]]))
    for (let i = 1; i < times; i++) world.inbox.receive(again(tracks))
    t.throws(() => world.inbox.receive(again(tracks)), { code: 'bad-control' })
  }
  t.equal(stream.getDataTracks()[0], track)
  t.ok(stream.active)
})

t.test('a disconnected receiver fills the buffer no longer than its limit in seconds', async (t) => {
  const time = new VirtualTime()
  time.install()
  t.teardown(() => time.uninstall())
  const { world, publication, push } = await setUp({ buffer: { bytes: 1_000, seconds: 1 } })
  await push(1)
  world.deliver(1e9)
  world.cut()
  t.notOk(publication.full)
  await push(100)
  t.ok(publication.full)
  t.ok(publication.stats().queuedBytes > 1_000)
  let isDrained = false
  publication.drained().then(() => {
    isDrained = true
  })
  await time.pass(0.9)
  t.notOk(isDrained)
  t.ok(await time.until(() => isDrained, 2))
  t.notOk(publication.full)
  t.equal(publication.stats().queuedBytes, 0)
  world.connect()
  world.deliver(1e9)
  t.equal(world.came.get('0')?.samples, 101, 'the history still arrives')
})

t.test('a track that ended meanwhile arrives complete on resume, and is not announced again later', async (t) => {
  const { world, stream, push } = await setUp()
  world.track(0)
  await turn()
  await push(2)
  world.push(1, 3)
  await turn()
  world.deliver(1e9)
  const added: string[] = []
  stream.addEventListener('addtrack', ({ track }) => added.push(track.id))
  const [, second] = stream.getDataTracks()
  world.cut()
  world.push(1, 4)
  world.untrack(1)
  for (let times = 1; times <= 2; times++) {
    world.connect()
    world.deliver(1e9)
    t.equal(second?.readyState, 'ended')
    t.equal(second?.samples, 7)
    t.equal(stream.getDataTracks().length, 1)
    world.cut()
  }
  t.strictSame(added, [])
  t.ok(stream.active)
})

t.test('the history of ended streams and publications is limited', async (t) => {
  const { world, push } = await setUp({ buffer: { bytes: 10_000 } })
  await push(1)
  world.cut()
  for (let i = 1; i <= 100; i++) {
    world.track(0)
    await turn()
    world.push(i, 1)
    world.untrack(i)
  }
  for (let i = 1; i <= MAX_ENDED_PUBLICATIONS + 10; i++) {
    world.publish()
    await turn()
    world.stop(i)
  }
  world.connect()
  world.deliver(1e9)
  t.equal(world.streams.length, 1 + 0, 'publications without samples are not announced')
  const ended = [...world.came].filter(([, { samples }]) => samples > 0)
  t.equal(ended.length, 1 + 64)
})

t.test('a receiver that resumes from random positions does not harm other receivers', async (t) => {
  const number = fc.oneof(fc.nat(12), fc.maxSafeNat())
  const { world, publication, push } = await setUp()
  for (let i = 0; i < 5; i++) await push(3)
  world.deliver(1e9)
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number)), fc.array(number), (next, ended) => {
      const pipe = new Pipe()
      world.outbox.addLink(pipe.link, 0, { next: new Map(next), ended: new Set(ended), since: 0 })
      const inbox = new Inbox(inboxEvents(), new RemoteClock())
      pipe.deliver(1e9, ({ bytes }) => inbox.receive(bytes))
      world.outbox.leave(pipe.link)
      world.outbox.removeLink(pipe.link)
    }),
  )
  await push(1)
  world.deliver(1e9)
  t.equal(world.came.get('0')?.samples, 16)
  t.equal(publication.stats().queuedBytes, 0)
})

t.end()
