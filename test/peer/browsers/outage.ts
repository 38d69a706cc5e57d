import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { serve } from '../../../mod.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { startTurnServer } from '../../fixture/turn-server.ts'
import { CALMLY } from '../fixture/in-page.ts'
import { isWell } from '../fixture/is-well.ts'
import { relayedPair } from '../fixture/relayed-pair.ts'

const SEED = 9
/** Longer than any test, in ms. */
const LONG_GRACE = 3_600_000

t.setTimeout(600_000)
const turn = await startTurnServer()
t.teardown(() => turn.stop())
const pages = await serve({ port: 0 })
t.teardown(() => pages.close())
const browsers = await Promise.all([browserFor(t), browserFor(t)])

t.test(`a stream goes on where it was behind a network that was gone, or is another (seed ${SEED})`, async (t) => {
  await Promise.all([
    outage(t, 'the receiver, within the grace time', 1, LONG_GRACE, ({ alone }) => told(alone, 'recovering')),
    outage(t, 'the receiver, past the grace time', 1, 2_000, async ({ alone, other }) => {
      await told(other, 'room peerleave')
      await told(alone, 'recovering')
    }),
    outage(t, 'the sender, past the grace time', 0, 500, ({ other }) => told(other, 'room peerleave')),
    rebinding(t),
  ])
})

interface Sides {
  alone: Page
  other: Page
}

/** Waits until a page was told something that begins like this. */
const told = async (page: Page, what: string): Promise<void> => {
  await page.waitForFunction((what) => numbered.events.some((event) => event.startsWith(what)), what, CALMLY)
}

/**
 * Takes the way to the server and the way to each other from one of both, and gives them back.
 *
 * @param resumeGrace the server's, in ms
 * @param lasts settles once the outage has lasted long enough
 */
async function outage(
  t: Test,
  name: string,
  whose: 0 | 1,
  resumeGrace: number,
  lasts: (sides: Sides) => Promise<void>,
): Promise<void> {
  const pair = await relayedPair(t, browsers, turn, pages.url, SEED, { resumeGrace })
  const line = pair.lines[whose]
  const [alone, other] = whose === 0 ? [pair.ada, pair.bob] : [pair.bob, pair.ada]
  await pair.reaches(1_000)
  pair.proxy.cut()
  line.refusing = true
  line.cut()
  await lasts({ alone, other })
  const sent = await pair.made()
  line.refusing = false
  pair.proxy.mend()
  // As browsers tell their pages.
  await alone.evaluate(() => dispatchEvent(new Event('online')))
  const mended = performance.now()
  await pair.reaches(sent + 1_000)
  t.comment(`${name}: all were there ${((performance.now() - mended) / 1_000).toFixed(1)} s later`)
  // The way to the server may take longer than the way to each other.
  await told(alone, 'session resumed')
  const { made, checked } = await pair.end()
  const [its, others] = [await pair.events(alone), await pair.events(other)]
  t.comment(`${name}: it was told: ${its.join('; ')}`)
  t.comment(`${name}: the other: ${others.join('; ')}`)
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, `${name}: every sample once and in order, bit for bit`)
  const recovered = resumeGrace === LONG_GRACE
  const resumed = its.filter((event) => event.startsWith('session resumed'))
  t.strictSame(resumed, [`session resumed {"recovered":${recovered}}`], `${name}: the session's own word`)
  t.equal(others.includes('room peerleave'), !recovered, `${name}: a leave is told only where there was one`)
}

/** Makes the relays useless for both, as another network or a restarted router does: what helps is an ICE restart. */
async function rebinding(t: Test): Promise<void> {
  const pair = await relayedPair(t, browsers, turn, pages.url, SEED)
  await pair.reaches(1_000)
  pair.proxy.rebind()
  const sent = await pair.made()
  await pair.reaches(sent + 3_000)
  // Samples that come tell only their receiver that there is a way again.
  for (const page of [pair.ada, pair.bob]) await page.waitForFunction(isWell, undefined, CALMLY)
  const { made, checked } = await pair.end()
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, 'rebinding: every sample once and in order, bit for bit')
  const tellings = [await pair.events(pair.ada), await pair.events(pair.bob)]
    .map((events) => events.filter((event) => !/^(stream |relayed)/.test(event)))
    // Who is restarted by the other in time need not notice at all.
    .filter((events) => events.length > 0)
  t.ok(tellings.length > 0, 'rebinding: somebody noticed')
  for (const events of tellings) {
    t.comment(`rebinding: ${events.join('; ')}`)
    t.match(events[0], /^recovering \{"cause":"(disconnected|asked)","step":"restart","attempt":1,"delay":0\}$/)
    t.match(
      events.at(-1),
      /^recovered \{"seconds":[\d.]+,"step":"restart"\}$/,
      'rebinding: the same connection went on',
    )
    t.ok(events.includes('restarted'))
  }
}

t.end()
