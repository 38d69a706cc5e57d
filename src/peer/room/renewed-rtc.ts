import { withoutExpired } from '../link/mod.ts'
import { realTiming, type Timing } from '../shared/mod.ts'
import { type IceAnswer, Renewal } from '../signaling/mod.ts'

/** Credentials are not asked for more often than this, in milliseconds. */
const RENEWAL = 10_000

/** What links are configured with, whose TURN credentials expire (draft-uberti-behave-turn-rest-00). */
export class RenewedRtc {
  #rtc: RTCConfiguration
  readonly #ask: () => Promise<IceAnswer>
  readonly #timing: Pick<Timing, 'now' | 'after'>
  readonly #renewal: Renewal
  #askedAt = Number.NEGATIVE_INFINITY

  /** @param expiresIn how long the credentials are taken, in milliseconds */
  constructor(
    rtc: RTCConfiguration,
    ask: () => Promise<IceAnswer>,
    expiresIn?: number,
    timing: Pick<Timing, 'now' | 'after'> = realTiming,
  ) {
    this.#rtc = rtc
    this.#ask = ask
    this.#timing = timing
    // Where there is no answer there is no signaling, and so nobody to link to; the next loss of a link asks again.
    this.#renewal = new Renewal({ timing, renew: () => this.#update(), failed: () => {} })
    this.#renewal.start(expiresIn)
  }

  get current(): RTCConfiguration {
    return withoutExpired(this.#rtc)
  }

  /** A link was lost: the next may need credentials that are still valid. */
  renew(): void {
    const now = this.#timing.now()
    const expires = this.#rtc.iceServers?.some(({ username }) => username !== undefined) ?? false
    if (!expires || now - this.#askedAt < RENEWAL) return
    this.#askedAt = now
    this.#update().then(
      (expiresIn) => this.#renewal.start(expiresIn),
      () => {
        // Without an answer there is no signaling either; those that are known may still do.
        this.#askedAt = Number.NEGATIVE_INFINITY
      },
    )
  }

  /** Asks no more. */
  stop(): void {
    this.#renewal.stop()
  }

  async #update(): Promise<number | undefined> {
    const { iceServers, expiresIn } = await this.#ask()
    this.#rtc = { ...this.#rtc, iceServers }
    return expiresIn
  }
}
