/** Capacity of a bucket, in seconds of its rate, unless its user chooses another one. */
const SECONDS = 10

/**
 * Limits an amount per second. The average is the rate; a burst may use what idle seconds have saved. An amount above
 * the balance still passes if the bucket has at least one token. The balance then becomes negative, and time refills it.
 */
export class TokenBucket {
  readonly #rate: number
  readonly #capacity: number
  #tokens: number
  #filled: number

  /**
   * Creates a full bucket.
   *
   * @param rate per second
   * @param now in milliseconds, as in `take`
   * @param capacity the largest burst. @default what ten seconds save
   */
  constructor(rate: number, now: number, capacity: number = rate * SECONDS) {
    this.#rate = rate
    this.#capacity = capacity
    this.#tokens = capacity
    this.#filled = now
  }

  /**
   * Takes an amount from the bucket.
   *
   * @returns false if the balance is too low; then the call costs nothing
   */
  take(amount: number, now: number): boolean {
    // If the clock is set back, no tokens are lost.
    const passed = Math.max(0, now - this.#filled) / 1_000
    this.#filled = now
    this.#tokens = Math.min(this.#capacity, this.#tokens + passed * this.#rate)
    if (this.#tokens < Math.min(1, amount)) return false
    this.#tokens -= amount
    return true
  }

  /** Returns the seconds until `take` allows an amount, if nothing else is taken. */
  wait(amount: number): number {
    return Math.max(0, Math.min(1, amount) - this.#tokens) / this.#rate
  }

  /** Takes an additional amount for something that `take` has allowed. The balance may become negative. */
  charge(amount: number): void {
    this.#tokens -= amount
  }
}
