import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { serve } from '../../../mod.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { startTurnServer } from '../../fixture/turn-server.ts'
import type { Weather } from '../../fixture/udp-proxy.ts'
import { until } from '../../fixture/until.ts'
import { CALMLY } from '../fixture/in-page.ts'
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
  /** Each packet crosses the bad network twice: on its way to the relay, and from it. */
  weather: Weather
  /** How many packets it lasts for, both ways. */
  packets: number
}

const WEATHERS: Bad[] = [
  // So many that the part of them that is lost is nearly the one that was set.
  { name: '5 % loss', weather: { loss: 0.025 }, packets: 6_000 },
  // The stream falls behind in it all the time, and must not for longer than samples may wait.
  { name: '100 ms with reordering', weather: { delay: 45, jitter: 10 }, packets: 2_000 },
]

t.test(`nothing is lost on a bad way, and clocks are as close as they are said to be (seed ${SEED})`, async (t) => {
  await Promise.all(WEATHERS.map((bad) => stream(t, bad)))
})

/** Samples that are made meanwhile, at least. */
const SAMPLES = 3_000
/** By which two clocks of one machine may drift apart, as the companion takes it, in seconds a second. */
const MOST_DRIFT = 500e-6
/** More than the steps that both browsers' clocks move in, in seconds. */
const STEPS = 0.001

/** Bad weather. The stream may fall behind in it, well within what may wait, and catches up after it. */
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
      // The truth is somewhere between the moments of asking and of being answered; an estimate that is old says less.
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
  t.ok((weather.jitter ?? 0) === 0 || counts.overtaken > 0, `${name}: ${counts.overtaken} were overtaken`)

  const { made, checked } = await pair.end()
  t.ok(made >= SAMPLES, `${name}: ${made} samples`)
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, `${name}: every sample once and in order, bit for bit`)
  for (const page of [pair.ada, pair.bob]) t.comment(`${name}: ${(await pair.events(page)).join('; ')}`)
}

/** Both browsers have the machine's clock, so that the offset should be 0. */
const clockOf = (page: Page): Promise<{ offset: number; errorBound: number; roundTrip: number }> =>
  page.evaluate(() => ({ ...[...here.room.peers.values()][0].clock }))

t.end()
