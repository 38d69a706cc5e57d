import t from 'tap'
import { ClockProbes, realTime } from '../../../src/peer/clock/clock-probes.ts'
import type { ClockEstimate } from '../../../src/streams/mod.ts'
import { seeded } from '../../fixture/seeded.ts'

/** A fake of true time, in seconds, and of timers. Time passes only in `run`. */
function createWorld() {
  let time = 0
  let timers: { at: number; callback: () => void }[] = []
  return {
    time: () => time,
    after(seconds: number, callback: () => void) {
      const timer = { at: time + seconds, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    run(until: number) {
      for (;;) {
        const next = timers.reduce<(typeof timers)[0] | undefined>(
          (first, timer) => (first !== undefined && first.at <= timer.at ? first : timer),
          undefined,
        )
        if (next === undefined || next.at > until) break
        timers = timers.filter((other) => other !== next)
        time = next.at
        next.callback()
      }
      time = until
    },
    waiting: () => timers.length,
  }
}

interface Way {
  /** Seconds. */
  delay: number
  jitter: number
  /** Fraction of lost messages, 0 to 1. */
  loss: number
}

interface Setting {
  name: string
  /** Seconds that the other clock is ahead at the start. It gains `drift` seconds a second. */
  offset: number
  drift: number
  there: Way
  back: Way
  /** Seconds by which the other clock is set in the middle of the test. */
  step?: number
}

const DURATION = 600
const quiet: Way = { delay: 0.000_2, jitter: 0.000_2, loss: 0 }
const shaky: Way = { delay: 0.005, jitter: 0.05, loss: 0.05 }

const settings: Setting[] = [
  { name: 'an hour ahead', offset: 3_600, drift: 0, there: quiet, back: quiet },
  { name: 'an hour behind', offset: -3_600, drift: 0, there: quiet, back: quiet },
  { name: '200 ppm fast, 50 ms of jitter, some loss', offset: 3_600, drift: 200e-6, there: shaky, back: shaky },
  { name: '200 ppm slow, 50 ms of jitter, some loss', offset: -3_600, drift: -200e-6, there: shaky, back: shaky },
  { name: 'a slow network to the other side', offset: 1, drift: 50e-6, there: { ...shaky, delay: 0.1 }, back: shaky },
  { name: 'a slow network from the other side', offset: 1, drift: 50e-6, there: quiet, back: { ...shaky, delay: 0.1 } },
  { name: 'a clock that is set back by an hour', offset: 5, drift: 100e-6, there: shaky, back: shaky, step: -3_600 },
  { name: 'a clock that is set ahead by 30 ms', offset: 5, drift: 100e-6, there: shaky, back: shaky, step: 0.03 },
]

/** Two sides that probe each other, and the estimates of the first side. */
function connect({ offset, drift, there, back, step = 0 }: Setting, random: () => number) {
  const world = createWorld()
  const own = world.time
  const other = () => world.time() * (1 + drift) + offset + (world.time() < DURATION / 2 ? 0 : step)
  const estimates: { estimate: ClockEstimate; truth: number }[] = []
  const sent: Uint8Array[] = []
  const over = (way: Way, receiver: () => ClockProbes) => (bytes: Uint8Array<ArrayBuffer>) => {
    sent.push(bytes)
    if (random() >= way.loss) world.after(way.delay + random() * way.jitter, () => receiver().receive(bytes))
  }
  const one: ClockProbes = new ClockProbes({
    now: own,
    step: () => 0,
    after: world.after,
    send: over(there, () => two),
    estimated(estimate) {
      const set = estimate.at < DURATION / 2 ? 0 : step
      estimates.push({ estimate, truth: estimate.at * drift + offset + set })
    },
  })
  const two: ClockProbes = new ClockProbes({
    now: other,
    step: () => 0,
    after: world.after,
    send: over(back, () => one),
    estimated: () => {},
  })
  return { world, one, two, sent, estimates }
}

for (const [seed, setting] of settings.entries()) {
  t.test(setting.name, async (t) => {
    const { world, estimates } = connect(setting, seeded(seed + 1))
    world.run(DURATION)
    t.ok(estimates.length > 0.9 * (DURATION / 2), `${estimates.length} estimates in ${DURATION} s`)
    const within = estimates.filter(({ estimate, truth }) => Math.abs(estimate.offset - truth) <= estimate.errorBound)
    t.ok(within.length >= 0.99 * estimates.length, `the true offset is within the bound of ${within.length} estimates`)
    const widest = Math.max(...estimates.map(({ estimate }) => estimate.errorBound))
    const { there, back } = setting
    t.ok(widest <= (there.delay + there.jitter + back.delay + back.jitter) * 1.01, `the widest bound is ${widest} s`)
  })
}

t.test('a burst of eight probes starts after 0.1 s and then every two seconds', async (t) => {
  const { world, sent } = connect(settings[0] as Setting, () => 0)
  const asks = () => sent.filter((bytes) => bytes[0] === 0).length / 2
  world.run(0.09)
  t.equal(asks(), 0)
  world.run(0.57)
  t.equal(asks(), 8)
  world.run(2.09)
  t.equal(asks(), 8)
  world.run(2.57)
  t.equal(asks(), 16)
  t.ok(sent.every(({ length }) => length === 25))
})

t.test('stop() ends all probes', async (t) => {
  const { world, one, two, sent } = connect(settings[0] as Setting, () => 0)
  world.run(5.1)
  one.stop()
  two.stop()
  world.run(6)
  const { length } = sent
  world.run(60)
  t.equal(sent.length, length)
  t.equal(world.waiting(), 0)
})

t.test('the first estimate follows the last answer of a burst; too few answers give none', async (t) => {
  const { world, estimates } = connect(settings[0] as Setting, () => 0)
  world.run(0.55)
  t.equal(estimates.length, 1)
  const lossy = { delay: 0, jitter: 0, loss: 0.9 }
  const few = connect({ ...(settings[0] as Setting), there: lossy, back: lossy }, seeded(3))
  few.world.run(60)
  t.equal(few.estimates.length, 0)
})

t.test('unexpected answers and invalid messages are only counted', async (t) => {
  const sent: Uint8Array[] = []
  const estimates: ClockEstimate[] = []
  const timers: (() => void)[] = []
  const probes = new ClockProbes({
    now: () => 100,
    step: () => 0,
    after: (_, callback) => {
      timers.push(callback)
      return () => {}
    },
    send: (bytes) => sent.push(bytes),
    estimated: (estimate) => estimates.push(estimate),
  })
  timers.shift()?.()
  const answer = message(1, 100, 7, 7)
  probes.receive(answer)
  t.equal(probes.ignored, 0)
  const bad = [
    answer,
    message(1, 99, 7, 7),
    message(2, 100, 7, 7),
    message(1, 100, Number.NaN, 7),
    message(0, Number.POSITIVE_INFINITY),
    new Uint8Array(0),
    new Uint8Array(26),
  ]
  for (const bytes of bad) probes.receive(bytes)
  t.equal(probes.ignored, bad.length)
  t.strictSame(estimates, [])
  t.equal(sent.length, 1, 'none of them is answered')
  probes.receive(message(0, 42))
  t.strictSame(sent[1], message(1, 42, 100, 100))
})

t.test('the clock resolution that the other side reports widens the bound by at most 1 s', async (t) => {
  for (const [said, counted] of [
    [0.001, 0.001],
    [-1_000, 0],
    [1e300, 1],
  ] as const) {
    const sent: Uint8Array[] = []
    let estimate: ClockEstimate | undefined
    const timers: (() => void)[] = []
    const probes = new ClockProbes({
      now: () => sent.length,
      step: () => 0.000_1,
      after: (_, callback) => {
        timers.push(callback)
        return () => {}
      },
      send: (bytes) => sent.push(bytes),
      estimated: (given) => {
        estimate = given
      },
    })
    probes.receive(message(0, 0, said))
    for (let i = 0; i < 8; i++) timers.shift()?.()
    for (const bytes of sent.filter(([kind]) => kind === 0)) {
      const asked = new DataView(bytes.buffer).getFloat64(1, true)
      probes.receive(message(1, asked, asked, sent.length))
    }
    t.ok(Math.abs((estimate?.errorBound ?? Number.NaN) - 0.000_1 - counted) < 1e-9, `${said}: ${estimate?.errorBound}`)
  }
})

t.test('the slow measurement of the own clock’s resolution runs only once', async (t) => {
  const step = realTime().step()
  const { now } = performance
  t.teardown(() => {
    performance.now = now
  })
  let readings = 0
  performance.now = () => {
    readings++
    return now.call(performance)
  }
  t.equal(realTime().step(), step)
  t.equal(readings, 0)
})

function message(kind: number, ...times: number[]): Uint8Array {
  const bytes = new Uint8Array(25)
  bytes[0] = kind
  for (const [i, time] of times.entries()) new DataView(bytes.buffer).setFloat64(1 + 8 * i, time, true)
  return bytes
}
