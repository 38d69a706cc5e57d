import type { Timing } from '../shared/mod.ts'

/** The share of the lifetime after which to renew. */
const SHARE = 0.8
/** The longest delay that `setTimeout` supports, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1
/** The shortest time between two attempts, in milliseconds. */
const SHORTEST = 1_000

export interface RenewalOptions {
  timing: Pick<Timing, 'now' | 'after'>
  /** Renews. Returns the new lifetime in milliseconds; undefined if it never expires. */
  renew(): Promise<number | undefined>
  failed(error: Error): void
}

/** Renews something that expires, such as a token. After a failure it retries after half of the time that is left. */
export class Renewal {
  readonly #options: RenewalOptions
  #cancel: (() => void) | undefined
  /** Changes at each `stop`, so that the result of an earlier renewal has no effect. */
  #round = 0

  constructor(options: RenewalOptions) {
    this.#options = options
  }

  /** @param lasts the lifetime in milliseconds; undefined if it never expires */
  start(lasts: number | undefined): void {
    this.stop()
    if (lasts === undefined) return
    const { now } = this.#options.timing
    this.#wait(lasts * SHARE, now() + lasts)
  }

  stop(): void {
    this.#round++
    this.#cancel?.()
    this.#cancel = undefined
  }

  #wait(ms: number, end: number): void {
    const wait = Math.min(Math.max(ms, SHORTEST), LONGEST_TIMER)
    this.#cancel = this.#options.timing.after(wait, () => void this.#renew(end))
  }

  async #renew(end: number): Promise<void> {
    const { timing, renew, failed } = this.#options
    const round = this.#round
    try {
      const lasts = await renew()
      if (round === this.#round) this.start(lasts)
    } catch (error) {
      if (round !== this.#round) return
      failed(error as Error)
      const left = end - timing.now()
      if (left > SHORTEST) this.#wait(left / 2, end)
    }
  }
}
