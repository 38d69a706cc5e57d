/** Bytes that a client may cause for each byte that it sends. */
const EARNED = 50

/** The terms of a budget, in bytes and bytes per second. */
export interface Terms {
  /** The most that a budget holds, and what it has at first. */
  burst: number
  /** The most by which it grows in a second. */
  rate: number
  /** It grows by this much even if the client sends nothing. */
  free: number
  /** The most that received bytes can earn in advance. */
  saved: number
}

/**
 * What a client may still cause, in bytes. In the long run, that is 50 bytes for each byte that the client sends, and
 * `free` bytes a second. A cost above half of the burst passes if that much is left. The balance may then become negative.
 */
export class Budget {
  readonly #terms: Terms
  #left: number
  #earned = 0
  #filled: number

  /** @param now in milliseconds, as everywhere in this class */
  constructor(terms: Terms, now: number) {
    this.#terms = terms
    this.#left = terms.burst
    this.#filled = now
  }

  /** Adds what received bytes earn. */
  earn(bytes: number): void {
    this.#earned = Math.min(this.#terms.saved, this.#earned + bytes * EARNED)
  }

  /** Takes a cost, which may make the balance negative. */
  charge(cost: number, now: number): void {
    this.#fill(now)
    this.#left -= cost
  }

  /** Returns what is missing from the burst, less what received bytes have earned already. */
  debt(now: number): number {
    this.#fill(now)
    return Math.max(0, this.#terms.burst - this.#left - this.#earned)
  }

  /** Returns whether a cost leaves a share of the burst. */
  affords(cost: number, share: number, now: number): boolean {
    this.#fill(now)
    return this.#left - cost >= share * this.#terms.burst
  }

  /**
   * Returns after how many milliseconds the budget has enough for a cost, if the client sends nothing until then.
   *
   * @param refusal what it costs to refuse
   */
  wait(cost: number, now: number, refusal = 0): number {
    this.#fill(now)
    const { burst, rate, free } = this.#terms
    const lacking = Math.min(cost, burst / 2) - this.#left
    if (lacking <= 0) return 0
    const missing = lacking + refusal
    return Math.ceil(1_000 * Math.max(missing / rate, (missing - this.#earned) / free))
  }

  #fill(now: number): void {
    const { burst, rate, free } = this.#terms
    const seconds = Math.max(0, now - this.#filled) / 1_000
    this.#filled = now
    const added = Math.min(burst - this.#left, seconds * rate, this.#earned + seconds * free)
    this.#left += added
    this.#earned -= Math.max(0, added - seconds * free)
  }
}
