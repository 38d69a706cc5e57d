import type { IceAnswer } from '../../protocol/both-ends.ts'
import { realTiming, type Timing } from '../shared/mod.ts'
import { Renewal } from '../signaling/mod.ts'
import { withoutExpired } from './certificate.ts'

/** The shortest time between two requests for credentials after lost links, in milliseconds. */
const RENEWAL = 10_000

/** Holds the links' configuration and renews its TURN credentials (draft-uberti-behave-turn-rest-00). */
export class RenewedRtc {
  #rtc: RTCConfiguration
  readonly #ask: () => Promise<IceAnswer>
  readonly #timing: Pick<Timing, 'now' | 'after'>
  readonly #renewal: Renewal
  #askedAt = Number.NEGATIVE_INFINITY

  /** @param expiresIn how long the credentials stay valid, in milliseconds; undefined if they never expire */
  constructor(
    rtc: RTCConfiguration,
    ask: () => Promise<IceAnswer>,
    expiresIn?: number,
    timing: Pick<Timing, 'now' | 'after'> = realTiming,
  ) {
    this.#rtc = rtc
    this.#ask = ask
    this.#timing = timing
    // Ignore failures: without signaling, no new link can open anyway. The next lost link requests again.
    this.#renewal = new Renewal({ timing, renew: () => this.#update(), failed: () => {} })
    this.#renewal.start(expiresIn)
  }

  get current(): RTCConfiguration {
    return withoutExpired(this.#rtc)
  }

  /** Requests credentials after a lost link, because the next link needs valid ones. */
  renew(): void {
    const now = this.#timing.now()
    const expires = this.#rtc.iceServers?.some(({ username }) => username !== undefined) ?? false
    if (!expires || now - this.#askedAt < RENEWAL) return
    this.#askedAt = now
    this.#update().then(
      (expiresIn) => this.#renewal.start(expiresIn),
      () => {
        // The known credentials may still work. Allow the next lost link to request again at once.
        this.#askedAt = Number.NEGATIVE_INFINITY
      },
    )
  }

  /** Stops the renewal. */
  stop(): void {
    this.#renewal.stop()
  }

  async #update(): Promise<number | undefined> {
    const { iceServers, expiresIn } = await this.#ask()
    this.#rtc = { ...this.#rtc, iceServers }
    return expiresIn
  }
}
