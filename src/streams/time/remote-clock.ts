import { type ClockEstimate, MOST_DRIFT } from './clock-estimate.ts'

/** How another's clock stands to one's own, in seconds. */
export interface ClockState {
  /** The other's clock − one's own. 0 before the first estimate. */
  offset: number
  /** Seconds a second: 1e-6 is one ppm. 0 before the first estimate. */
  drift: number
  /** Of the quickest probe of the newest burst. Infinity before the first estimate. */
  roundTrip: number
  /** The offset is no further from the truth than this. Infinity before the first estimate. */
  errorBound: number
}

/** A new estimate takes hold over this many seconds, the time to the next one, so that no time steps or goes back. */
const EASE = 2
/** What is further from the estimate before takes hold at once, in seconds: the clock was set. */
const LARGEST_EASED = 0.1
/** Stamps that are older than this, in seconds, are of a recording: their time takes the offset of now. */
const OLDEST_STAMP = 120

/** Another's clock, by the estimates so far: what turns its time into one's own. */
export class RemoteClock {
  #estimate: ClockEstimate | undefined
  /** What the estimate before said more than this one, at the time `since`. */
  #rest = 0
  #since = 0

  /** @param now own time at which the estimate was made, in seconds */
  update(estimate: ClockEstimate, now: number): void {
    const before = this.#offsetAt(now)
    const known = this.#estimate !== undefined
    this.#estimate = estimate
    const rest = before - lineAt(estimate, now)
    this.#rest = known && Math.abs(rest) <= LARGEST_EASED ? rest : 0
    this.#since = now
  }

  /** The estimate, carried on to the own time `now`. */
  state(now: number): ClockState {
    const estimate = this.#estimate
    if (estimate === undefined) return { offset: 0, drift: 0, roundTrip: Infinity, errorBound: Infinity }
    const { at, drift, roundTrip, errorBound } = estimate
    return { offset: lineAt(estimate, now), drift, roundTrip, errorBound: errorBound + MOST_DRIFT * Math.abs(now - at) }
  }

  /** The own time at which the other's clock said `stamp`; `now` is the own time. */
  toOwn(stamp: number, now: number): number {
    const estimate = this.#estimate
    if (estimate === undefined) return stamp
    const about = stamp - this.#offsetAt(now)
    const isLive = about <= now && now - about <= OLDEST_STAMP
    return stamp - this.#offsetAt(isLive ? about : now)
  }

  /** How far off `toOwn` may be at the own time `now`, in seconds. */
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
