import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { serve } from '../../mod.ts'
import { browserFor } from '../fixture/server-and-browser.ts'
import { startTurnServer } from '../fixture/turn-server.ts'
import type { Weather } from '../fixture/udp-proxy.ts'
import { relayedPair } from './fixture/relayed-pair.ts'

t.setTimeout(240_000)
const turn = await startTurnServer()
t.teardown(() => turn.stop())
const pages = await serve({ port: 0 })
t.teardown(() => pages.close())
const browsers = await Promise.all([browserFor(t), browserFor(t)])

const SEED = 4

// Each packet crosses the bad network twice: on its way to the relay, and from it.
const WEATHERS: [string, Weather][] = [
  ['5 % loss', { loss: 0.025 }],
  ['100 ms with reordering', { delay: 45, jitter: 10 }],
]

t.test(`nothing is lost on a bad way, and clocks are as close as they are said to be (seed ${SEED})`, async (t) => {
  await Promise.all(WEATHERS.map(([name, weather]) => stream(t, weather, name)))
})

/** Samples that are made in bad weather, 1,000 a second. */
const SAMPLES = 10_000

/** The stream may fall behind in bad weather, well within what may wait, and catches up after it. */
async function stream(t: Test, weather: Weather, name: string): Promise<void> {
  const pair = await relayedPair(t, browsers, turn, pages.url, SEED)
  const before = { ...pair.proxy.counts }
  pair.proxy.set(weather)
  for (let half = 0; half < 2; half++) {
    const least = (await pair.made()) + SAMPLES / 2
    await pair.ada.waitForFunction((least) => numbered.made >= least, least)
    for (const page of [pair.ada, pair.bob]) {
      await page.waitForFunction(() => Number.isFinite([...here.room.peers.values()][0].clock.errorBound))
      const { offset, errorBound, roundTrip } = await clockOf(page)
      const shown = [offset, errorBound, roundTrip].map((seconds) => `${(seconds * 1e3).toFixed(3)} ms`).join(', ')
      t.ok(Math.abs(offset) <= errorBound, `${name}: offset, bound and round trip ${shown}`)
    }
  }
  const behind = (await pair.made()) - (await pair.bob.evaluate(() => numbered.checked.samples))
  const counts = { ...pair.proxy.counts }
  pair.proxy.set({})
  t.comment(`${name}: ${behind} samples behind, ${JSON.stringify(counts)}`)
  const lost = counts.lost / (counts.lost + counts.forwarded - before.forwarded)
  t.ok(Math.abs(lost - (weather.loss ?? 0)) < 0.01, `${name}: ${(lost * 100).toFixed(2)} % of the packets were lost`)
  const overtaken = counts.overtaken / counts.forwarded
  t.ok((weather.jitter ?? 0) === 0 || overtaken > 0, `${name}: ${(overtaken * 100).toFixed(2)} % were overtaken`)

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
