/** A bucket holds what fits into so many seconds of its rate. */
const SECONDS = 10

/**
 * How much of something may happen: on average a rate, and in a burst what was saved up in ten seconds of silence. What
 * is larger than all that is there is taken as long as anything is there, and the debt is paid off by the time.
 */
export class TokenBucket {
  readonly #rate: number
  #tokens: number
  #filled: number

  /**
   * @param rate per second
   * @param now in milliseconds, as in `take`
   */
  constructor(rate: number, now: number) {
    this.#rate = rate
    this.#tokens = rate * SECONDS
    this.#filled = now
  }

  /** @returns whether it may happen now; if not, it costs nothing */
  take(amount: number, now: number): boolean {
    // A clock that is set back takes nothing away.
    const passed = Math.max(0, now - this.#filled) / 1_000
    this.#filled = now
    this.#tokens = Math.min(this.#rate * SECONDS, this.#tokens + passed * this.#rate)
    if (this.#tokens < Math.min(1, amount)) return false
    this.#tokens -= amount
    return true
  }

  /** What happened turns out to have been so much more. */
  charge(amount: number): void {
    this.#tokens -= amount
  }
}
