/** The terms on which an address is forgiven debts, in bytes and bytes per second. */
export interface Forgiveness {
  burst: number
  rate: number
}

/**
 * What connections of one address still owed when they ended, in bytes. Its next connections take it over, so that
 * nobody gets rid of a debt by connecting again. A part is forgiven: page reloads cost a person nothing.
 */
export class Debts {
  readonly #terms: Forgiveness
  /** Negative as long as more can be forgiven at once. */
  #owed: number
  /** Ended connections whose debt nobody has taken over. */
  #ended = 0
  #counted: number

  /** @param now in milliseconds, as everywhere in this class */
  constructor(terms: Forgiveness, now: number) {
    this.#terms = terms
    this.#owed = -terms.burst
    this.#counted = now
  }

  /** Adds the debt of a connection that ended. */
  add(debt: number, now: number): void {
    this.#forgive(now)
    this.#owed += debt
    this.#ended++
  }

  /**
   * Removes and returns the debt that a new connection takes over: the mean of those that ended. So many people behind
   * one address do not pay for the one that owes most.
   *
   * @param most what one connection takes over at most
   */
  take(most: number, now: number): number {
    this.#forgive(now)
    if (this.#owed <= 0) return 0
    const taken = Math.min(most, this.#owed / this.#ended)
    this.#owed -= taken
    this.#ended = Math.max(1, this.#ended - 1)
    return taken
  }

  #forgive(now: number): void {
    const { burst, rate } = this.#terms
    const seconds = Math.max(0, now - this.#counted) / 1_000
    this.#counted = now
    this.#owed = Math.max(-burst, this.#owed - seconds * rate)
    if (this.#owed <= 0) this.#ended = 0
  }
}
