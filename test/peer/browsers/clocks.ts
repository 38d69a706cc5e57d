import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { CALMLY } from '../../fixture/chromium.ts'
import { recording } from '../../fixture/recording.ts'
import { browserFor, serverAndBrowser } from '../../fixture/server-and-browser.ts'
import { logs, meet, person } from '../fixture/in-page.ts'
import { moveClock } from '../fixture/page-clock.ts'

t.setTimeout(600_000)
const [{ server, browser }, other] = await Promise.all([serverAndBrowser(t), browserFor(t)])

/** Connects two peers in two processes of Chromium. Bob's clock is `ahead` seconds ahead. */
async function pair(t: Test, room: string, ahead = 0): Promise<[Page, Page]> {
  const { page: ada } = await person(t, browser, server.url, 'Ada')
  const { page: bob } = await person(t, other, server.url, 'Bob')
  await moveClock(bob, ahead)
  await meet(ada, bob, room)
  return [ada, bob]
}

declare global {
  /** In Ada's page: number of clock probes that Bob answered before Ada sent the bulk data queued ahead of them. */
  var overtakers: number
}

interface Clock {
  offset: number
  drift: number
  roundTrip: number
  errorBound: number
  /** When the test read the clock, in seconds. */
  time: number
}

const clockOf = (page: Page): Promise<Clock> =>
  page.evaluate(() => ({ ...[...here.room.peers.values()][0].clock, time: performance.now() / 1_000 }))
const knows = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => Number.isFinite([...here.room.peers.values()][0].clock.errorBound))
}

t.test('clock probes do not wait for queued bulk data', async (t) => {
  const [ada, bob] = await pair(t, 'bulk')
  await Promise.all([knows(ada), knows(bob)])
  await bob.evaluate(() => {
    const [peer] = [...here.room.peers.values()]
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    peer.addEventListener('stream', async ({ detail: stream }: any) => {
      for await (const _ of stream);
    })
  })
  await ada.evaluate(() => {
    globalThis.overtakers = 0
    const publication = here.room.publish({ name: 'bulk', format: 'float32', nominalRate: 1e6 })
    const values = new Float32Array(40_000)
    setInterval(() => {
      while (publication.stats().queuedBytes < 8e6) publication.push(values)
    }, 10)
    /** Number of bytes pushed before each probe, by the probe's time. */
    const asked = new Map<number, number>()
    const timeOf = (probe: Uint8Array) => new DataView(probe.buffer, probe.byteOffset).getFloat64(1, true)
    const heard = new WeakSet<RTCDataChannel>()
    const { send } = RTCDataChannel.prototype
    RTCDataChannel.prototype.send = function (data: never) {
      const probe: Uint8Array = data
      if (this.label === 'clock' && probe[0] === 0) asked.set(timeOf(probe), publication.stats().bytes)
      if (this.label === 'clock' && !heard.has(this)) {
        heard.add(this)
        this.addEventListener('message', ({ data }) => {
          const { bytes, queuedBytes } = publication.stats()
          const pushed = asked.get(timeOf(new Uint8Array(data)))
          if (pushed !== undefined && bytes - queuedBytes < pushed) globalThis.overtakers++
        })
      }
      send.call(this, data)
    }
  })
  // A burst has 8 probes. If probes waited for bulk data, not one of them would overtake it.
  await ada.waitForFunction(() => globalThis.overtakers >= 8, undefined, CALMLY)
  t.pass('8 probes were answered before the bulk data that was queued when they were sent')
})

// The first test needs the whole machine. The others mostly wait, so they run in parallel.
t.jobs = 2

t.test('the measured offset between two processes on one machine is within its error bound', async (t) => {
  const [ada, bob] = await pair(t, 'one clock')
  await Promise.all([knows(ada), knows(bob)])
  for (const page of [ada, bob]) {
    const { offset, roundTrip, errorBound } = await clockOf(page)
    t.ok(roundTrip >= 0, `a round trip of ${(roundTrip * 1e3).toFixed(3)} ms`)
    const [apart, bound] = [offset, errorBound].map((seconds) => `${(seconds * 1e3).toFixed(3)} ms`)
    t.ok(Math.abs(offset) <= errorBound, `an offset of ${apart}, within ${bound}`)
  }
})

t.test('a recording arrives with even timestamps, and a live sample with the time of its measurement', async (t) => {
  const { rows, timestamps, real } = recording()
  if (!real) t.comment('skipped: the real recording is not beside this checkout; one made in its form is used instead')
  const ahead = 3_600
  const [ada, bob] = await pair(t, 'recording', ahead)
  await Promise.all([knows(ada), knows(bob)])
  const { offset, errorBound } = await clockOf(bob)
  t.ok(Math.abs(offset + ahead) < 0.001 + errorBound, `an offset of ${offset} s`)
  await bob.evaluate(() => {
    const [peer] = [...here.room.peers.values()]
    const heard = { timestamps: [] as number[], values: [] as number[], timeError: 0 }
    here.heard = { cyton: heard }
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    peer.addEventListener('stream', async ({ detail: stream }: any) => {
      for await (const { timestamps, sourceTimestamps, timeError } of stream) {
        heard.timestamps.push(...timestamps)
        heard.values.push(...sourceTimestamps)
        heard.timeError = Math.max(heard.timeError, timeError)
      }
      here.log.push('read to its end')
    })
  })
  await ada.evaluate(
    async ({ rows, timestamps }) => {
      const channels = Array.from({ length: 8 }, (_, i) => ({ label: `${i}`, unit: 'µV', type: 'EEG' }))
      const publication = here.room.publish({ name: 'Cyton', nominalRate: 250, channels }, { timeUnit: 'ms' })
      for (let at = 0; at < rows.length; at += 25) {
        publication.push(rows.slice(at, at + 25).flat(), timestamps.slice(at, at + 25))
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
      publication.stop()
    },
    { rows, timestamps },
  )
  await logs(bob, 'read to its end')
  const heard = await bob.evaluate(
    () => here.heard.cyton as unknown as Record<'timestamps' | 'values', number[]> & { timeError: number },
  )
  t.strictSame(heard.values, timestamps, 'sourceTimestamps are those of the recording')
  const late = heard.timestamps.slice(2_500)
  const errors = late.slice(1).map((stamp, i) => Math.abs(stamp - (late[i] as number) - 0.004))
  const even = errors.filter((error) => error < 0.000_05)
  // The other intervals may be at chunks that came while the clock estimate changed: the replay is not a live stream.
  t.ok(even.length > 0.99 * errors.length, `from 10 s on, ${even.length} of ${errors.length} intervals are even`)
  const worst = Math.max(...errors)
  t.ok(worst < 0.001 + 2 * heard.timeError, `the largest error is ${(worst * 1e6).toFixed(1)} µs off`)
  const shifts = late.map((stamp, i) => stamp - ahead - (timestamps[2_500 + i] as number) / 1_000)
  const mean = shifts.reduce((sum, shift) => sum + shift, 0) / shifts.length
  t.ok(Math.abs(mean) < 0.003 + heard.timeError, `${(mean * 1e3).toFixed(2)} ms from the raw stamps on average`)

  await ada.evaluate(() => {
    const publication = here.room.publish({ name: 'live', format: 'int32' }, { nominalRate: 50, dejitter: false })
    setInterval(() => publication.push([1]), 20)
  })
  const ages: number[] = await bob.evaluate(async () => {
    const [peer] = [...here.room.peers.values()]
    while (peer.streams.size === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    const [stream] = [...peer.streams.values()]
    const ages: number[] = []
    for await (const { timestamps, sourceTimestamps, timeError, track } of stream) {
      const { nominalRate, dejitter, timeUnit } = track.description
      const even = timestamps[0] + peer.clock.offset - sourceTimestamps[0]
      if (nominalRate !== 50 || dejitter !== false || timeUnit !== 's' || Math.abs(even) > 0.005) return [Number.NaN]
      ages.push((performance.timeOrigin + performance.now()) / 1_000 - timestamps.at(-1) + timeError)
      if (ages.length === 100) return ages
    }
    return ages
  })
  const median = ages.toSorted((one, other) => one - other)[50] as number
  t.ok(
    ages.every((age) => age >= 0),
    'no sample is from the future',
  )
  t.comment(`${(median * 1e3).toFixed(1)} ms old at the median`)
})

t.end()
