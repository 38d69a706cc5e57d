import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { browserFor, serverAndBrowser } from '../../fixture/server-and-browser.ts'
import { logs, pairIn, person } from '../fixture/in-page.ts'

t.setTimeout(600_000)
/** One process for each peer, so that the work of one does not delay the other. */
const [{ server, browser }, other] = await Promise.all([serverAndBrowser(t), browserFor(t)])

/** What Bob reads of one stream. His page keeps it by the stream's name. */
interface Read {
  values: number[]
  /** Seconds from a sample's creation to its arrival. Both browsers use the machine's clock. */
  delays: number[]
  /** Number of missed samples, once as chunks report it and once as `gap` events do. */
  missed: number
  gaps: number
  /** Number of values greater than the number of bulk samples, in thousands, that had arrived before them. */
  overtook: number
  /** The fewest bytes of bulk data in the queue while the stream was published. */
  least?: number
  /** The stream's counts at its end. */
  stats?: Record<string, number>
}

interface Publication {
  push(values: ArrayLike<number>): boolean
  stop(): void
  stats(): { samples: number; droppedSamples: number; queuedBytes: number }
}
declare global {
  var read: Record<string, Read>
}

/** Connects two peers in a room. The second reads every stream that the first publishes. */
async function pair(t: Test, room: string): Promise<[Page, Page]> {
  const { ada, bob } = await pairIn(t, [browser, other], server.url, room)
  await bob.page.evaluate(() => {
    globalThis.read = {}
    const [peer] = [...here.room.peers.values()]
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    peer.addEventListener('stream', async ({ detail: stream }: any) => {
      const read: Read = { values: [], delays: [], missed: 0, gaps: 0, overtook: 0 }
      globalThis.read[stream.name] = read
      here.log.push(`begins ${stream.name}`)
      // biome-ignore lint/suspicious/noExplicitAny: as above
      stream.addEventListener('gap', ({ detail }: any) => {
        read.gaps += detail.missed
      })
      for await (const { data, sourceTimestamps, missed } of stream) {
        const now = (performance.timeOrigin + performance.now()) / 1000
        read.missed += missed
        const bulk = (globalThis.read.bulk?.values.length ?? 0) / 1_000
        for (const value of data) {
          read.values.push(value)
          if (value > bulk) read.overtook++
        }
        read.delays.push(now - sourceTimestamps.at(-1))
      }
      read.stats = stream.stats()
      here.log.push(`read ${stream.name}`)
    })
  })
  return [ada.page, bob.page]
}

const readOf = async (page: Page, name: string): Promise<Read> => {
  await logs(page, `read ${name}`)
  // Transfer it as one string: it may be millions of numbers.
  return JSON.parse(await page.evaluate((name) => JSON.stringify(globalThis.read[name]), name))
}
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number
const ascending = (values: number[]): boolean =>
  values.every((value, i) => i === 0 || value > (values[i - 1] as number))

/** Publishes 100 beats. Their values are the number of bulk samples pushed before them, in thousands. */
async function beat(ada: Page, bob: Page, name: string): Promise<Read> {
  await ada.evaluate((name) => {
    const beats = here.room.publish({ name, format: 'int32' })
    Object.assign(globalThis, { beats })
  }, name)
  await logs(bob, `begins ${name}`)
  const least = await ada.evaluate(async () => {
    const { beats, bulk } = globalThis as unknown as { beats: Publication; bulk?: Publication }
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < 100; i++) {
      beats.push([Math.round((bulk?.stats().samples ?? 0) / 1_000)])
      least = Math.min(least, bulk?.stats().queuedBytes ?? 0)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    beats.stop()
    return least
  })
  return Object.assign(await readOf(bob, name), { least })
}

t.test('heart beats overtake bulk data', async (t) => {
  const [ada, bob] = await pair(t, 'heart')
  const alone = await beat(ada, bob, 'alone')
  t.equal(alone.values.length, 100)
  await ada.evaluate(async () => {
    const bulk = here.room.publish({ name: 'bulk', format: 'float64' })
    Object.assign(globalThis, { bulk })
    const block = new Float64Array(100_000)
    setInterval(() => {
      if (bulk.stats().queuedBytes < 4_000_000) bulk.push(block, 0)
    }, 5)
    while (bulk.stats().queuedBytes < 4_000_000) await new Promise((resolve) => setTimeout(resolve, 5))
  })
  const beside = await beat(ada, bob, 'beside')
  t.ok((beside.least ?? 0) > 0, `at least ${beside.least} bytes of bulk data were queued`)
  t.equal(beside.values.length, 100)
  t.equal(beside.missed, 0)
  t.ok(beside.overtook >= 90, `${beside.overtook} of 100 beats arrived before bulk data that was pushed earlier`)
  // The delay depends on the machine. bench/channels.ts measures it.
  t.comment(`${median(alone.delays)} s alone, ${median(beside.delays)} s beside bulk data`)
})

// Delays do not matter to the other tests. They mostly wait, and each has its own room.
t.jobs = 2

for (const delivery of ['latest', { maxAge: 0.03 }] as const) {
  const name = JSON.stringify(delivery)
  t.test(`${name}: samples arrive in order, and both ends count the missing ones`, async (t) => {
    const [ada, bob] = await pair(t, name)
    await ada.evaluate(
      ([delivery, name]) => {
        const publication = here.room.publish({ name, format: 'int32', nominalRate: 1000 }, { delivery })
        Object.assign(globalThis, { publication })
      },
      [delivery, name] as const,
    )
    // A chunk may arrive before the announcement of its stream.
    await logs(bob, `begins ${name}`)
    const sent = await ada.evaluate(async () => {
      const { publication } = globalThis as unknown as { publication: Publication }
      const drained = async () => {
        while (publication.stats().queuedBytes > 0) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      let next = 0
      // One task pushes more than the channel holds, so that most samples are superseded or too old.
      for (let round = 0; round < 5; round++) {
        const values = Int32Array.from({ length: 500_000 }, () => next++)
        publication.push(values)
        await drained()
      }
      publication.push([next])
      await drained()
      const stats = publication.stats()
      publication.stop()
      return stats
    })
    const { values, missed, gaps, stats } = await readOf(bob, name)
    t.ok(ascending(values))
    t.equal(sent.samples, 2_500_001)
    t.ok(sent.droppedSamples > 0, 'the publisher dropped some samples')
    t.ok(values.length <= sent.samples - sent.droppedSamples)
    // The network may lose the last chunk too. The message that ends the stream contains the total.
    const lostAtTheEnd = 2_500_000 - (values.at(-1) as number)
    t.match(stats, { samples: values.length, missed: missed + lostAtTheEnd, late: Number })
    t.equal(values.length + missed + lostAtTheEnd + (values[0] as number), sent.samples)
    t.equal(gaps, missed + lostAtTheEnd)
    t.match(sent, { queuedBytes: 0, queueAge: 0 })
  })
}

for (const overflow of ['pause', 'drop-oldest'] as const) {
  t.test(`overflow ${overflow}: a reliable stream over its buffer limit counts every dropped sample`, async (t) => {
    const [ada, bob] = await pair(t, overflow)
    const sent = await ada.evaluate(
      async ([overflow]) => {
        const options = { overflow, buffer: { bytes: 1_000_000 } }
        const publication = here.room.publish({ name: overflow, format: 'float64' }, options)
        for (let i = 0; i < 20; i++) {
          const values = Float64Array.from({ length: 50_000 }, (_, k) => i * 50_000 + k)
          publication.push(values, values)
        }
        const { queuedBytes } = publication.stats()
        publication.stop()
        return { ...publication.stats(), queuedBytes }
      },
      [overflow] as const,
    )
    t.ok(sent.queuedBytes <= 1_000_000 && sent.queuedBytes > 900_000, `${sent.queuedBytes} bytes were queued`)
    const { values, missed, gaps, stats } = await readOf(bob, overflow)
    t.ok(ascending(values))
    t.equal(values.length + sent.droppedSamples, sent.samples)
    t.equal(values[0], 0)
    t.equal(values.at(-1) === 999_999, overflow === 'drop-oldest')
    t.equal(stats?.missed, sent.droppedSamples)
    t.equal(gaps, sent.droppedSamples)
    if (overflow === 'drop-oldest') t.equal(missed, sent.droppedSamples)
  })
}

t.test('a late joiner that requests history receives the last seconds of a stream', async (t) => {
  const [ada] = await pair(t, 'history')
  await ada.evaluate(async () => {
    const publication = here.room.publish({ name: 'ramp', format: 'int32' })
    let next = 0
    setInterval(() => publication.push([next++]), 5)
    while (next < 100) await new Promise((resolve) => setTimeout(resolve, 5))
  })
  const late = await person(t, other, server.url, 'Eve')
  const values = await late.page.evaluate(async () => {
    const room = await here.session.join('history', { history: 60 })
    const values: number[] = []
    await new Promise<void>((resolve) => {
      // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
      room.addEventListener('peer', ({ detail: peer }: any) => {
        // biome-ignore lint/suspicious/noExplicitAny: as above
        peer.addEventListener('stream', async ({ detail: stream }: any) => {
          for await (const { data } of stream) {
            values.push(...data)
            if (values.length >= 1_000) resolve()
          }
        })
      })
    })
    return values
  })
  t.strictSame(
    values,
    values.map((_, i) => i),
  )
  const refused = await late.page.evaluate(() => here.session.join('x', { history: -1 }).catch(String))
  t.match(refused, 'Cannot join: history must be a number of seconds')
})

t.test('peer.stats() reports the candidate pair and the traffic', async (t) => {
  const [ada, bob] = await pair(t, 'quality')
  await ada.evaluate(() => {
    const publication = here.room.publish({ name: 'some', format: 'float64' })
    publication.push(new Float64Array(10_000), 0)
    publication.stop()
  })
  await readOf(bob, 'some')
  // Chromium answers from a cache that is up to 50 ms old.
  await bob.waitForFunction(async () => (await [...here.room.peers.values()][0].stats()).bytesReceived > 80_000)
  const stats = await bob.evaluate(() => [...here.room.peers.values()][0].stats())
  t.match(stats, {
    relayed: false,
    samples: 10_000,
    missed: 0,
    queuedBytes: 0,
    ignored: 0,
    remoteCandidate: /flx|host/,
  })
  t.ok(stats.roundTrip >= 0, `${stats.roundTrip} s`)
  await ada.evaluate(() => here.room.leave())
  await logs(bob, 'close Ada')
})

t.end()
