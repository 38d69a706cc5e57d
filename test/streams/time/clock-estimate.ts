import t from 'tap'
import { type ClockEstimate, ClockEstimator, type Probe } from '../../../src/streams/time/clock-estimate.ts'
import { seeded } from '../../fixture/seeded.ts'

interface World {
  name: string
  /** Offset of the other clock at own time 0, in seconds. */
  offset: number
  drift: number
  /** Least delay in each direction, and the random delay added to it, in seconds. */
  there: number
  back: number
  jitter: number
  /** What is added to the other clock in the middle, in seconds. */
  step?: number
  /** Additional jitter on the way back, in seconds. */
  oneWay?: number
}

const worlds: World[] = [
  { name: 'a quiet network', offset: 0.3, drift: 20e-6, there: 0.0002, back: 0.0002, jitter: 0.0002 },
  {
    name: 'an hour ahead, 200 ppm fast, 50 ms of jitter',
    offset: 3_600,
    drift: 200e-6,
    there: 0.005,
    back: 0.005,
    jitter: 0.05,
  },
  {
    name: 'an hour behind, 200 ppm slow, 50 ms of jitter',
    offset: -3_600,
    drift: -200e-6,
    there: 0.005,
    back: 0.005,
    jitter: 0.05,
  },
  { name: 'an asymmetric route', offset: 12, drift: 50e-6, there: 0.08, back: 0.01, jitter: 0.05 },
  { name: 'a clock that is set forward', offset: 5, drift: 80e-6, there: 0.01, back: 0.01, jitter: 0.05, step: 7 },
  {
    name: 'a clock that is set back a little',
    offset: 5,
    drift: -80e-6,
    there: 0.001,
    back: 0.001,
    jitter: 0.002,
    step: -0.05,
  },
  {
    name: 'a clock that is set by less than the jitter',
    offset: 5,
    drift: 0,
    there: 0.005,
    back: 0.005,
    jitter: 0.1,
    step: 0.02,
  },
  {
    name: 'jitter in one direction only',
    offset: 5,
    drift: 200e-6,
    there: 0.005,
    back: 0.005,
    jitter: 0,
    oneWay: 0.05,
  },
]
const BURSTS = 500

for (const [seed, world] of worlds.entries()) {
  t.test(world.name, async (t) => {
    const noise = seeded(seed + 1)
    const estimator = new ClockEstimator()
    let within = 0
    let estimates = 0
    for (let burst = 0; burst < BURSTS; burst++) {
      const set = burst < BURSTS / 2 ? 0 : (world.step ?? 0)
      const other = (own: number) => own + world.offset + world.drift * own + set
      const probes = Array.from({ length: 8 }, (_, i): Probe => {
        const t0 = burst * 2 + i * 0.064
        const arrived = t0 + world.there + noise() * world.jitter
        const left = arrived + 0.0001
        return {
          t0,
          t1: other(arrived),
          t2: other(left),
          t3: left + world.back + noise() * (world.jitter + (world.oneWay ?? 0)),
        }
      })
      const estimate = estimator.add(probes)
      if (estimate === undefined) continue
      estimates++
      const truth = other(estimate.at) - estimate.at
      if (Math.abs(estimate.offset - truth) <= estimate.errorBound) within++
    }
    t.equal(estimates, BURSTS)
    t.ok(within >= 0.99 * estimates, `the truth is within the bound of ${within} of ${estimates} estimates`)
    // A step below the jitter does not show in one burst. So the first estimates after it may miss the truth.
    const missed = Math.abs(world.step ?? 0) < world.jitter ? 2 : 0
    t.ok(estimates - within <= missed)
    const { drift, errorBound, roundTrip } = estimator.estimate as ClockEstimate
    t.ok(
      errorBound <= world.there + world.back + 2 * world.jitter + (world.oneWay ?? 0),
      'the bound is not larger than the longest round trip',
    )
    t.ok(roundTrip >= world.there + world.back)
    if (world.jitter > 0 && world.jitter < 0.001)
      t.ok(Math.abs(drift - world.drift) < 5e-6, `a drift of ${drift * 1e6} ppm`)
  })
}

t.test('a burst with fewer than six answers gives no estimate', async (t) => {
  const estimator = new ClockEstimator()
  const probe = { t0: 0, t1: 10, t2: 10, t3: 0 }
  t.equal(estimator.add(Array(5).fill(probe)), undefined)
  t.equal(estimator.estimate, undefined)
  t.match(estimator.add(Array(6).fill(probe)), { offset: 10, drift: 0, roundTrip: 0, errorBound: 0 })
  t.match(estimator.add([]), { offset: 10 }, 'an empty burst keeps the last estimate')
})

t.test('clocks that move in steps widen the bound by their steps', async (t) => {
  const coarse = (seconds: number) => Math.floor(seconds / 0.001) * 0.001
  const noise = seeded(7)
  for (let i = 0; i < 1_000; i++) {
    const probes = Array.from({ length: 8 }, (_, k): Probe => {
      const t0 = i + k * 0.0641 + noise() * 0.001
      const arrived = t0 + noise() * 0.0005
      const back = arrived + noise() * 0.0005
      return { t0: coarse(t0), t1: coarse(arrived + 0.2503), t2: coarse(arrived + 0.2503), t3: coarse(back) }
    })
    const { offset, errorBound } = new ClockEstimator().add(probes, 0.002) as ClockEstimate
    if (Math.abs(offset - 0.2503) > errorBound) t.fail(`${offset} is not within ${errorBound}`)
  }
})

t.test('answers with impossible times do not count', async (t) => {
  const impossible = { t0: 0, t1: 10, t2: 11, t3: 0.5 }
  t.equal(new ClockEstimator().add(Array(8).fill(impossible), 0.001), undefined)
})

t.test('the probe with the shortest round trip counts', async (t) => {
  const late = { t0: 0, t1: 11, t2: 11, t3: 1 }
  const prompt = { t0: 1, t1: 11.1, t2: 11.1, t3: 1.2 }
  t.match(new ClockEstimator().add([...Array(7).fill(late), prompt]), { roundTrip: prompt.t3 - prompt.t0 })
})
