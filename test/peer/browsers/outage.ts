import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { serve } from '../../../mod.ts'
import { CALMLY } from '../../fixture/chromium.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { startTurnServer } from '../../fixture/turn-server.ts'
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

t.test(`a stream continues without loss after an outage or a change of network (seed ${SEED})`, async (t) => {
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

/** Waits until the page has logged an event that begins with `what`. */
const told = async (page: Page, what: string): Promise<void> => {
  await page.waitForFunction((what) => numbered.events.some((event) => event.startsWith(what)), what, CALMLY)
}

/**
 * Cuts one peer's connection to the server and its link to the other peer, and restores both.
 *
 * @param whose the peer without a network: 0 is Ada, 1 is Bob
 * @param resumeGrace the server's grace time, in ms
 * @param lasts resolves once the outage has lasted long enough
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
  // A browser dispatches this event when the network returns.
  await alone.evaluate(() => dispatchEvent(new Event('online')))
  const mended = performance.now()
  await pair.reaches(sent + 1_000)
  t.comment(`${name}: all samples had arrived ${((performance.now() - mended) / 1_000).toFixed(1)} s later`)
  // The session may resume later than the link recovers.
  await told(alone, 'session resumed')
  const { made, checked } = await pair.end()
  const [its, others] = [await pair.events(alone), await pair.events(other)]
  t.comment(`${name}: events of the peer without a network: ${its.join('; ')}`)
  t.comment(`${name}: events of the other peer: ${others.join('; ')}`)
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, `${name}: every sample once and in order, bit for bit`)
  const recovered = resumeGrace === LONG_GRACE
  const resumed = its.filter((event) => event.startsWith('session resumed'))
  t.strictSame(
    resumed,
    [`session resumed {"recovered":${recovered}}`],
    `${name}: the session reports whether the server still knew it`,
  )
  t.equal(others.includes('room peerleave'), !recovered, `${name}: peerleave fires only past the grace time`)
}

/** Invalidates both peers' relays, as a new network or a restarted router does. The cure is an ICE restart. */
async function rebinding(t: Test): Promise<void> {
  const pair = await relayedPair(t, browsers, turn, pages.url, SEED)
  await pair.reaches(1_000)
  pair.proxy.rebind()
  const sent = await pair.made()
  await pair.reaches(sent + 3_000)
  // Arriving samples show only their receiver that the link works again, so wait for both.
  for (const page of [pair.ada, pair.bob]) await page.waitForFunction(isWell, undefined, CALMLY)
  const { made, checked } = await pair.end()
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, 'rebinding: every sample once and in order, bit for bit')
  const tellings = [await pair.events(pair.ada), await pair.events(pair.bob)]
    .map((events) => events.filter((event) => !/^(stream |relayed)/.test(event)))
    // A peer may notice nothing if the other peer restarts the link in time.
    .filter((events) => events.length > 0)
  t.ok(tellings.length > 0, 'rebinding: at least one peer noticed')
  for (const events of tellings) {
    t.comment(`rebinding: ${events.join('; ')}`)
    t.match(events[0], /^recovering \{"cause":"(disconnected|asked)","step":"restart","attempt":1,"delay":0\}$/)
    t.match(
      events.at(-1),
      /^recovered \{"seconds":[\d.]+,"step":"restart"\}$/,
      'rebinding: an ICE restart restores the link',
    )
    t.ok(events.includes('restarted'))
  }
}

t.end()
