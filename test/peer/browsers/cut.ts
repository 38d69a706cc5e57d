import t, { type Test } from 'tap'
import { serve } from '../../../mod.ts'
import { CALMLY } from '../../fixture/chromium.ts'
import { seeded } from '../../fixture/seeded.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { startTurnServer } from '../../fixture/turn-server.ts'
import { isWell } from '../fixture/is-well.ts'
import { relayedPair } from '../fixture/relayed-pair.ts'

interface Cut {
  name: string
  /** Number of samples that Ada publishes during the cut, at 1,000 a second. */
  samples: number
  /** Whether the cut lasts until both peers notice it. The samples are counted from then on. */
  isNoticed: boolean
}

const CUTS: Cut[] = [
  { name: 'a second', samples: 1_000, isNoticed: false },
  { name: '5 s', samples: 5_000, isNoticed: false },
  { name: 'until both know', samples: 2_000, isNoticed: true },
]
/** How often to test each cut. */
const ROUNDS = Number(process.env.CUTS ?? 1)

t.setTimeout(150_000 * ROUNDS)
const turn = await startTurnServer()
t.teardown(() => turn.stop())
const pages = await serve({ port: 0 })
t.teardown(() => pages.close())
const browsers = await Promise.all([browserFor(t), browserFor(t)])

for (let round = 1; round <= ROUNDS; round++) {
  // In parallel: the tests mostly wait.
  t.test(`every sample arrives after a cut, round ${round}`, async (t) => {
    await Promise.all(CUTS.map((cut, i) => cutFor(t, cut, (i + 1) * 1_000 + round)))
  })
}

/**
 * Checks that a peer emits each recovery step and the success, and nothing else.
 *
 * @param seconds how long, at least, both peers knew of the cut; undefined if they may not have noticed it
 */
function told(t: Test, name: string, seconds: number | undefined, events: string[]): void {
  // 'relayed' comes with a delay, at first and after each step: the peer has to look up the candidate pair.
  const steps = events.filter((event) => !event.startsWith('stream ') && event !== 'relayed')
  t.comment(`${name}: ${events.join('; ')}`)
  const unexpected = steps.filter((event) => !/^(recovering|restarted|recovered)\b/.test(event))
  t.strictSame(unexpected, [], `${name}: nobody left, nothing failed`)
  if (seconds === undefined && steps.length === 0) return
  t.match(
    steps[0],
    /^recovering \{"cause":"(disconnected|asked)","step":"restart","attempt":1,"delay":0\}$/,
    `${name}: the first step is an ICE restart`,
  )
  const recovered = /^recovered \{"seconds":([\d.]+),"step":"(restart|relay|rebuild)"\}$/
  t.match(steps.at(-1), recovered, `${name}: the last step restores the link`)
  if (seconds === undefined) return
  const longest = Math.max(...steps.map((event) => Number(recovered.exec(event)?.[1] ?? 0)))
  t.ok(longest >= seconds, `${name}: an outage of ${longest} s, at least ${seconds} s`)
}

/** Cuts the network in the middle of a stream. */
async function cutFor(t: Test, { name: duration, samples, isNoticed }: Cut, seed: number): Promise<void> {
  const name = `${duration}, seed ${seed}`
  const pair = await relayedPair(t, browsers, turn, pages.url, seed)
  const stats = await pair.bob.evaluate(() => [...here.room.peers.values()][0].stats())
  t.match(stats, { relayed: true }, `${name}: the link is relayed`)
  await pair.reaches(1_000 + Math.floor(seeded(seed)() * 1_000))
  pair.proxy.cut()
  const both = [pair.ada, pair.bob]
  if (isNoticed) {
    const isRecovering = () => [...here.room.peers.values()][0].state === 'recovering'
    await Promise.all(both.map((page) => page.waitForFunction(isRecovering)))
  }
  const known = performance.now()
  const before = await pair.bob.evaluate(() => numbered.checked.samples)
  const begin = Math.max(before, await pair.made())
  await pair.ada.waitForFunction((samples) => numbered.made >= samples, begin + samples, CALMLY)
  const sent = await pair.made()
  const seconds = isNoticed ? (performance.now() - known) / 1_000 : undefined
  t.ok(pair.proxy.counts.cut > 0, `${name}: ${pair.proxy.counts.cut} packets were cut`)
  const mended = performance.now()
  pair.proxy.mend()
  await pair.reaches(sent)
  t.comment(`${name}: all samples had arrived ${((performance.now() - mended) / 1_000).toFixed(1)} s later`)
  await pair.reaches(sent + 2_000)
  // Arriving samples show only their receiver that the link works again, so wait for both.
  await Promise.all(both.map((page) => page.waitForFunction(isWell, undefined, CALMLY)))
  const { made, checked } = await pair.end()
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, `${name}: every sample once and in order, bit for bit`)
  for (const page of both) told(t, name, seconds, await pair.events(page))
}

t.end()
