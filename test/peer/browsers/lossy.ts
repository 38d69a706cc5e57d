import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { serve } from '../../../mod.ts'
import { CALMLY } from '../../fixture/chromium.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { startTurnServer } from '../../fixture/turn-server.ts'
import type { Weather } from '../../fixture/udp-proxy.ts'
import { until } from '../../fixture/until.ts'
import { relayedPair } from '../fixture/relayed-pair.ts'

t.setTimeout(600_000)
const turn = await startTurnServer()
t.teardown(() => turn.stop())
const pages = await serve({ port: 0 })
t.teardown(() => pages.close())
const browsers = await Promise.all([browserFor(t), browserFor(t)])

const SEED = 4

interface Bad {
  name: string
  /** Each packet crosses the bad network twice: to the relay and from the relay. */
  weather: Weather
  /** How many packets, in both directions, the bad conditions last. */
  packets: number
}

const WEATHERS: Bad[] = [
  // Enough packets for a measured loss close to the configured one.
  { name: '5 % loss', weather: { loss: 0.025 }, packets: 6_000 },
  // The stream falls behind all the time, so this must end before its buffer is full.
  { name: '100 ms with reordering', weather: { delay: 45, jitter: 10 }, packets: 2_000 },
]

t.test(`a bad network loses no samples, and clock errors stay within their bounds (seed ${SEED})`, async (t) => {
  await Promise.all(WEATHERS.map((bad) => stream(t, bad)))
})

/** The fewest samples to publish under the bad conditions. */
const SAMPLES = 3_000
/** The drift between two clocks of one machine that the companion allows for, in seconds a second. */
const MOST_DRIFT = 500e-6
/** More than the resolution of both browsers' clocks, in seconds. */
const STEPS = 0.001

/** Streams over a bad network. The stream may fall behind within its buffer, and then has to catch up. */
async function stream(t: Test, { name, weather, packets }: Bad): Promise<void> {
  const begun = performance.now()
  const pair = await relayedPair(t, browsers, turn, pages.url, SEED)
  const before = { ...pair.proxy.counts }
  pair.proxy.set(weather)
  for (const part of [0.5, 1]) {
    const { counts } = pair.proxy
    await until(() => counts.forwarded + counts.lost - before.forwarded >= part * packets)
    await pair.ada.waitForFunction((samples) => numbered.made >= samples, part * SAMPLES, CALMLY)
    for (const page of [pair.ada, pair.bob]) {
      await page.waitForFunction(() => Number.isFinite([...here.room.peers.values()][0].clock.errorBound))
      const { offset, errorBound, roundTrip } = await clockOf(page)
      const shown = [offset, errorBound, roundTrip].map((seconds) => `${(seconds * 1e3).toFixed(3)} ms`).join(', ')
      t.ok(Math.abs(offset) <= errorBound, `${name}: offset, bound and round trip ${shown}`)
      // A probe's error is at most its round trip. The bound grows with the age of the estimate.
      const most = roundTrip + 2 * STEPS + (MOST_DRIFT * (performance.now() - begun)) / 1_000
      t.ok(errorBound <= most, `${name}: the bound is no wider than ${(most * 1e3).toFixed(3)} ms`)
    }
  }
  const behind = (await pair.made()) - (await pair.bob.evaluate(() => numbered.checked.samples))
  const counts = { ...pair.proxy.counts }
  pair.proxy.set({})
  t.comment(`${name}: ${behind} samples behind, ${JSON.stringify(counts)}`)
  const lost = counts.lost / (counts.lost + counts.forwarded - before.forwarded)
  t.ok(Math.abs(lost - (weather.loss ?? 0)) < 0.01, `${name}: ${(lost * 100).toFixed(2)} % of the packets were lost`)
  t.ok((weather.jitter ?? 0) === 0 || counts.overtaken > 0, `${name}: ${counts.overtaken} packets were overtaken`)

  const { made, checked } = await pair.end()
  t.ok(made >= SAMPLES, `${name}: ${made} samples`)
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, `${name}: every sample once and in order, bit for bit`)
  for (const page of [pair.ada, pair.bob]) t.comment(`${name}: ${(await pair.events(page)).join('; ')}`)
}

/** Both browsers use the machine's clock, so the offset should be 0. */
const clockOf = (page: Page): Promise<{ offset: number; errorBound: number; roundTrip: number }> =>
  page.evaluate(() => ({ ...[...here.room.peers.values()][0].clock }))

t.end()
