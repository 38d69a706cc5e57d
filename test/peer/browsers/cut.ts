import t, { type Test } from 'tap'
import { serve } from '../../../mod.ts'
import { seeded } from '../../fixture/seeded.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { startTurnServer } from '../../fixture/turn-server.ts'
import { CALMLY } from '../fixture/in-page.ts'
import { isWell } from '../fixture/is-well.ts'
import { relayedPair } from '../fixture/relayed-pair.ts'

interface Cut {
  name: string
  /** How many samples are made meanwhile, which are a thousand a second. */
  samples: number
  /** Whether it lasts until both sides know that nothing comes any more; the samples are made after that. */
  isNoticed: boolean
}

const CUTS: Cut[] = [
  { name: 'a second', samples: 1_000, isNoticed: false },
  { name: '5 s', samples: 5_000, isNoticed: false },
  { name: 'until both know', samples: 2_000, isNoticed: true },
]
/** How often each is tried. */
const ROUNDS = Number(process.env.CUTS ?? 1)

t.setTimeout(150_000 * ROUNDS)
const turn = await startTurnServer()
t.teardown(() => turn.stop())
const pages = await serve({ port: 0 })
t.teardown(() => pages.close())
const browsers = await Promise.all([browserFor(t), browserFor(t)])

for (let round = 1; round <= ROUNDS; round++) {
  // All at once: most of it is waiting.
  t.test(`round ${round}`, async (t) => {
    await Promise.all(CUTS.map((cut, i) => cutFor(t, cut, (i + 1) * 1_000 + round)))
  })
}

/**
 * What is told of a cut: what is done about it, step by step, and that it helped; and nothing else.
 *
 * @param seconds for how long at least both knew of it; undefined where nobody need have noticed
 */
function told(t: Test, name: string, seconds: number | undefined, events: string[]): void {
  // Which way it goes is seen a moment after it is there, at first and after each step.
  const steps = events.filter((event) => !event.startsWith('stream ') && event !== 'relayed')
  t.comment(`${name}: ${events.join('; ')}`)
  const unexpected = steps.filter((event) => !/^(recovering|restarted|recovered)\b/.test(event))
  t.strictSame(unexpected, [], `${name}: nobody left, nothing failed`)
  if (seconds === undefined && steps.length === 0) return
  t.match(
    steps[0],
    /^recovering \{"cause":"(disconnected|asked)","step":"restart","attempt":1,"delay":0\}$/,
    `${name}: the first step`,
  )
  const recovered = /^recovered \{"seconds":([\d.]+),"step":"(restart|relay|rebuild)"\}$/
  t.match(steps.at(-1), recovered, `${name}: the last step helped`)
  if (seconds === undefined) return
  const longest = Math.max(...steps.map((event) => Number(recovered.exec(event)?.[1] ?? 0)))
  t.ok(longest >= seconds, `${name}: ${longest} s lost, of at least ${seconds}`)
}

/** Cuts the network in the middle of a stream. */
async function cutFor(t: Test, { name: duration, samples, isNoticed }: Cut, seed: number): Promise<void> {
  const name = `${duration}, seed ${seed}`
  const pair = await relayedPair(t, browsers, turn, pages.url, seed)
  const stats = await pair.bob.evaluate(() => [...here.room.peers.values()][0].stats())
  t.match(stats, { relayed: true }, `${name}: there is no other way`)
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
  t.comment(`${name}: all were there ${((performance.now() - mended) / 1_000).toFixed(1)} s later`)
  await pair.reaches(sent + 2_000)
  // Samples that come tell only their receiver that there is a way again.
  await Promise.all(both.map((page) => page.waitForFunction(isWell, undefined, CALMLY)))
  const { made, checked } = await pair.end()
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, `${name}: every sample once and in order, bit for bit`)
  for (const page of both) told(t, name, seconds, await pair.events(page))
}

t.end()
