import type { Timing } from '../shared/mod.ts'

/** Of the time that something lasts: when it is renewed. */
const SHARE = 0.8
/** No timer holds more than that, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1
/** Between two attempts, in milliseconds. */
const SHORTEST = 1_000

export interface RenewalOptions {
  timing: Pick<Timing, 'now' | 'after'>
  /** Gets something new; how long it lasts, in milliseconds, or undefined for ever. */
  renew(): Promise<number | undefined>
  failed(error: Error): void
}

/** Renews what expires, such as a token, before it does; where that fails, again, halfway to the end each time. */
export class Renewal {
  readonly #options: RenewalOptions
  #cancel: (() => void) | undefined
  /** Counts, so that an answer to what was asked before `stop` changes nothing. */
  #round = 0

  constructor(options: RenewalOptions) {
    this.#options = options
  }

  /** @param lasts milliseconds; undefined for what never expires */
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
