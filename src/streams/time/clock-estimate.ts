import { median, robustSlope } from './robust-line.ts'

/**
 * One probe and its answer, in seconds. On the clock of the sender, the probe leaves at `t0` and its answer arrives at
 * `t3`. On the other clock, the probe arrives at `t1` and the answer leaves at `t2`.
 */
export interface Probe {
  /** When the probe left, on the sender's clock. */
  t0: number
  /** When the probe arrived, on the other clock. */
  t1: number
  /** When the answer left, on the other clock. */
  t2: number
  /** When the answer arrived, on the sender's clock. */
  t3: number
}

/** Estimate of another clock: other clock − own clock = `offset` + `drift` · (now − `at`). */
export interface ClockEstimate {
  /** Own time for which the offset holds, in seconds. */
  at: number
  /** Seconds. */
  offset: number
  /** Seconds per second: 1e-6 is one ppm. */
  drift: number
  /** Round trip of the best probe in the newest burst, in seconds. */
  roundTrip: number
  /** Largest possible error of the offset, in seconds. */
  errorBound: number
}

/** Fewest answers for which a burst counts, as in Lab Streaming Layer. */
const LEAST_ANSWERS = 6

/**
 * Largest drift between two clocks, in seconds per second: twice the drift of crystals outside their operating range.
 */
export const MOST_DRIFT = 500e-6

/** Fewest bursts for an estimate of the drift. Fewer bursts lie too close together in time. */
const LEAST_READINGS = 8

/** Number of bursts that the line is fitted to: a minute and a half, at one burst every 2 s. */
const WINDOW = 45

/**
 * Number of newest bursts whose error bounds count. More bursts would give a tighter bound. But a clock can be set by
 * so little that no single burst shows it. Then the bound would be wrong for as long as the bursts count.
 */
const BOUND_WINDOW = 3

interface Reading {
  at: number
  offset: number
  /** Largest error of the offset, for any split of the delay between the two directions. */
  radius: number
  roundTrip: number
}

/**
 * Estimates another clock from bursts of probes, as Lab Streaming Layer does.
 *
 * - Of each burst, it uses the probe with the shortest round trip. That probe waited least (see RFC 5905, section 10).
 * - It fits a robust line (Theil–Sen) to the offsets of many bursts.
 * - It restarts when one of the clocks was set.
 */
export class ClockEstimator {
  #readings: Reading[] = []

  /**
   * Adds the answered probes of one burst.
   *
   * @param steps sum of the resolutions of both clocks, in seconds. @default 0
   * @returns the current estimate; undefined until a burst had enough answers
   */
  add(probes: readonly Probe[], steps = 0): ClockEstimate | undefined {
    const readings = probes.map((probe) => readingOf(probe, steps)).filter(({ radius }) => radius >= 0)
    if (readings.length >= LEAST_ANSWERS) {
      const best = readings.reduce((best, reading) => (reading.radius < best.radius ? reading : best))
      if (this.#readings.some((reading) => contradict(reading, best))) this.#readings = []
      this.#readings.push(best)
      if (this.#readings.length > WINDOW) this.#readings.shift()
    }
    return this.estimate
  }

  /** The current estimate; undefined until a burst had at least 6 answers. */
  get estimate(): ClockEstimate | undefined {
    const newest = this.#readings.at(-1)
    if (newest === undefined) return undefined
    const { at, roundTrip } = newest
    const drift = this.#drift
    // Intersect the ranges of the newest readings, each widened by the largest possible drift since then.
    let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (const reading of this.#readings.slice(-BOUND_WINDOW)) {
      const slack = reading.radius + MOST_DRIFT * (at - reading.at)
      low = Math.max(low, reading.offset - slack)
      high = Math.min(high, reading.offset + slack)
    }
    const line = median(this.#readings.map((reading) => reading.offset + drift * (at - reading.at)))
    const offset = Math.min(Math.max(line, low), high)
    return { at, offset, drift, roundTrip, errorBound: Math.max(offset - low, high - offset) }
  }

  /** 0 until there are enough readings. */
  get #drift(): number {
    if (this.#readings.length < LEAST_READINGS) return 0
    const points = this.#readings.map(({ at, offset }) => ({ x: at, y: offset }))
    return robustSlope(points, MOST_DRIFT)
  }
}

/**
 * A reading of a clock lags the true time by less than the clock's resolution. A probe reads each clock twice, once in
 * each half. The two errors of one clock change the offset and half the round trip by at most one resolution.
 */
const readingOf = ({ t0, t1, t2, t3 }: Probe, steps: number): Reading => ({
  at: (t0 + t3) / 2,
  offset: (t1 - t0 + (t2 - t3)) / 2,
  radius: (t3 - t0 - (t2 - t1)) / 2 + steps,
  roundTrip: Math.max(0, t3 - t0 - (t2 - t1)),
})

/** Whether the two readings cannot belong to the same clock. Then a clock was set between them. */
const contradict = (one: Reading, other: Reading): boolean =>
  Math.abs(one.offset - other.offset) > one.radius + other.radius + MOST_DRIFT * Math.abs(other.at - one.at)
