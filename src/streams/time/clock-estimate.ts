import { median, robustSlope } from './robust-line.ts'

/**
 * One question and its answer between two clocks, all in seconds: asked at `t0` and answered at `t3` by the asker's
 * clock, received at `t1` and sent back at `t2` by the other's.
 */
export interface Probe {
  t0: number
  t1: number
  t2: number
  t3: number
}

/** What is known of another clock; other clock − own clock = `offset` + `drift` · (now − `at`). */
export interface ClockEstimate {
  /** Own time that the offset holds for, in seconds. */
  at: number
  /** Seconds. */
  offset: number
  /** Seconds a second: 1e-6 is one ppm. */
  drift: number
  /** Of the best probe of the newest burst, in seconds. */
  roundTrip: number
  /** The offset is no further from the truth than this, in seconds. */
  errorBound: number
}

/** Answers that a burst needs before it says anything, as in Lab Streaming Layer. */
const LEAST_ANSWERS = 6

/** No pair of clocks drifts apart faster, in seconds a second: twice what crystals out of their range do. */
export const MOST_DRIFT = 500e-6

/** Bursts that a drift is told from: fewer lie too close together. */
const LEAST_READINGS = 8

/** Bursts that the line is drawn through; at one in 2 s, a minute and a half. */
const WINDOW = 45

/**
 * Bursts whose bounds count. More would bound more tightly, and wrongly for as long where a clock was set by so little
 * that no single burst tells.
 */
const BOUND_WINDOW = 3

interface Reading {
  at: number
  offset: number
  /** However the delay is shared out between the two ways, the offset is no further off. */
  radius: number
  roundTrip: number
}

/**
 * Estimates another clock from bursts of probes, as Lab Streaming Layer does: of each burst the probe of least round
 * trip counts, as it waited least (RFC 5905, section 10, is of the same mind), and a robust line (Theil–Sen) goes
 * through the offsets of many. A clock that was set starts anew.
 */
export class ClockEstimator {
  #readings: Reading[] = []

  /**
   * Takes the answered probes of one burst.
   *
   * @param steps both clocks' steps together, in seconds. @default 0
   * @returns the estimate now; undefined until a burst had enough answers
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

  get estimate(): ClockEstimate | undefined {
    const newest = this.#readings.at(-1)
    if (newest === undefined) return undefined
    const { at, roundTrip } = newest
    const drift = this.#drift
    // What each of the last readings allows, had the clocks drifted apart as fast as they can since.
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

  /** 0 until there are enough readings to tell it from. */
  get #drift(): number {
    if (this.#readings.length < LEAST_READINGS) return 0
    const points = this.#readings.map(({ at, offset }) => ({ x: at, y: offset }))
    return robustSlope(points, MOST_DRIFT)
  }
}

/**
 * Each clock's reading is behind the truth by less than its step, once in the first and once in the second half of the
 * probe. Both of one clock's together move offset and half the round trip by one step at most.
 */
const readingOf = ({ t0, t1, t2, t3 }: Probe, steps: number): Reading => ({
  at: (t0 + t3) / 2,
  offset: (t1 - t0 + (t2 - t3)) / 2,
  radius: (t3 - t0 - (t2 - t1)) / 2 + steps,
  roundTrip: Math.max(0, t3 - t0 - (t2 - t1)),
})

/** Whether no clock could have given both: then it was set in between. */
const contradict = (one: Reading, other: Reading): boolean =>
  Math.abs(one.offset - other.offset) > one.radius + other.radius + MOST_DRIFT * Math.abs(other.at - one.at)
