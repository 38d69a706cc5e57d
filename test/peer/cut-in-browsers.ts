import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { serve } from '../../mod.ts'
import { seeded } from '../fixture/seeded.ts'
import { browserFor } from '../fixture/server-and-browser.ts'
import { startTurnServer } from '../fixture/turn-server.ts'
import { relayedPair } from './fixture/relayed-pair.ts'

/** For how long it is cut, in seconds. */
const DURATIONS = [1, 5, 20]
/** After so many seconds at the latest both sides know that nothing comes any more. */
const DETECTED = 15
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
    await Promise.all(DURATIONS.map((seconds) => cutFor(t, seconds, seconds * 1_000 + round)))
  })
}

/** What is told of a cut: what is done about it, step by step, and that it helped; and nothing else. */
function told(t: Test, name: string, seconds: number, events: string[]): void {
  // Which way it goes is seen a moment after it is there, at first and after each step.
  const steps = events.filter((event) => !event.startsWith('stream ') && event !== 'relayed')
  t.comment(`${name}: ${events.join('; ')}`)
  const unexpected = steps.filter((event) => !/^(recovering|restarted|recovered)\b/.test(event))
  t.strictSame(unexpected, [], `${name}: nobody left, nothing failed`)
  if (seconds < DETECTED && steps.length === 0) return
  t.match(
    steps[0],
    /^recovering \{"cause":"(disconnected|asked)","step":"restart","attempt":1,"delay":0\}$/,
    `${name}: the first step`,
  )
  const last = /^recovered \{"seconds":([\d.]+),"step":"(restart|relay|rebuild)"\}$/.exec(steps.at(-1) ?? '')
  t.ok(last !== null, `${name}: the last step helped`)
  t.ok(seconds < DETECTED || Number(last?.[1]) > seconds - DETECTED, `${name}: ${last?.[1]} s lost`)
}

/** Cuts the network in the middle of a stream. */
async function cutFor(t: Test, seconds: number, seed: number): Promise<void> {
  const name = `${seconds} s, seed ${seed}`
  const pair = await relayedPair(t, browsers, turn, pages.url, seed)
  const stats = await pair.bob.evaluate(() => [...here.room.peers.values()][0].stats())
  t.match(stats, { relayed: true }, `${name}: there is no other way`)
  await pair.reaches(1_000)
  await wait(seeded(seed)() * 1_000)
  pair.proxy.cut()
  await wait(seconds * 1_000)
  const before = await pair.bob.evaluate(() => numbered.checked.samples)
  const sent = await pair.made()
  const states = await Promise.all(
    [pair.ada, pair.bob].map((page) => page.evaluate(() => [...here.room.peers.values()][0].state)),
  )
  pair.proxy.mend()
  const mended = performance.now()
  t.ok(pair.proxy.counts.cut > 0 && sent - before > seconds * 700, `${name}: ${sent - before} samples behind`)
  await pair.reaches(sent)
  t.comment(`${name}: all were there ${((performance.now() - mended) / 1_000).toFixed(1)} s later`)
  await pair.reaches(sent + 2_000)
  const { made, checked } = await pair.end()
  const whole = { samples: made, missed: 0, gaps: 0, wrong: [], streams: 1, ended: true }
  t.strictSame(checked, whole, `${name}: every sample once and in order, bit for bit`)
  if (seconds >= DETECTED) t.strictSame(states, ['recovering', 'recovering'], `${name}: both knew`)
  for (const page of [pair.ada, pair.bob]) told(t, name, seconds, await pair.events(page))
}

t.end()
