import { type ClockEstimate, MOST_DRIFT } from './clock-estimate.ts'

/** Relation between another peer's clock and the own clock, in seconds. */
export interface ClockState {
  /** The other clock − the own clock. 0 before the first estimate. */
  offset: number
  /** Seconds per second: 1e-6 is one ppm. 0 before the first estimate. */
  drift: number
  /** Round trip of the best probe in the newest burst. Infinity before the first estimate. */
  roundTrip: number
  /** Largest possible error of the offset. Infinity before the first estimate. */
  errorBound: number
}

/**
 * A new estimate replaces the previous one gradually, in this many seconds. That is the time until the next estimate.
 * Thus, converted times neither jump nor go back.
 */
const EASE = 2
/**
 * A new estimate applies immediately if it differs from the previous one by more than this, in seconds: a clock was
 * set.
 */
const LARGEST_EASED = 0.1
/** Timestamps that are older than this, in seconds, come from a recording. The current offset converts them. */
const OLDEST_STAMP = 120

/** Converts times of another peer's clock to the own clock, with the latest estimate. */
export class RemoteClock {
  #estimate: ClockEstimate | undefined
  /** The previous estimate minus this one, at the time `since`. It fades to 0. */
  #rest = 0
  #since = 0

  /**
   * Uses a newer estimate from now on. Converted times move to it within 2 s, or at once if a clock was set.
   *
   * @param now own time at which the estimate was made, in seconds
   */
  update(estimate: ClockEstimate, now: number): void {
    const before = this.#offsetAt(now)
    const known = this.#estimate !== undefined
    this.#estimate = estimate
    const rest = before - lineAt(estimate, now)
    this.#rest = known && Math.abs(rest) <= LARGEST_EASED ? rest : 0
    this.#since = now
  }

  /** Returns the estimate, extrapolated to the own time `now`. */
  state(now: number): ClockState {
    const estimate = this.#estimate
    if (estimate === undefined) return { offset: 0, drift: 0, roundTrip: Infinity, errorBound: Infinity }
    const { at, drift, roundTrip, errorBound } = estimate
    return { offset: lineAt(estimate, now), drift, roundTrip, errorBound: errorBound + MOST_DRIFT * Math.abs(now - at) }
  }

  /**
   * Returns the own time at which the other clock showed `stamp`. `now` is the current own time. All times are in
   * seconds.
   */
  toOwn(stamp: number, now: number): number {
    const estimate = this.#estimate
    if (estimate === undefined) return stamp
    const about = stamp - this.#offsetAt(now)
    const isLive = about <= now && now - about <= OLDEST_STAMP
    return stamp - this.#offsetAt(isLive ? about : now)
  }

  /** Returns the largest possible error of `toOwn` at the own time `now`, in seconds. */
  errorBound(now: number): number {
    return this.state(now).errorBound + Math.abs(this.#restAt(now))
  }

  #offsetAt(time: number): number {
    return this.#estimate === undefined ? 0 : lineAt(this.#estimate, time) + this.#restAt(time)
  }

  #restAt(time: number): number {
    return this.#rest * Math.min(Math.max(1 - (time - this.#since) / EASE, 0), 1)
  }
}

const lineAt = ({ at, offset, drift }: ClockEstimate, time: number): number => offset + drift * (time - at)
