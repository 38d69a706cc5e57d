import { withoutExpired } from './identity.ts'

/** Credentials are not asked for more often than this, in seconds. */
const RENEWAL = 10

/** What links are configured with, whose TURN credentials expire (draft-uberti-behave-turn-rest-00). */
export class RenewedRtc {
  #rtc: RTCConfiguration
  readonly #ask: () => Promise<RTCIceServer[]>
  #askedAt = Number.NEGATIVE_INFINITY

  constructor(rtc: RTCConfiguration, ask: () => Promise<RTCIceServer[]>) {
    this.#rtc = rtc
    this.#ask = ask
  }

  get current(): RTCConfiguration {
    return withoutExpired(this.#rtc)
  }

  /** A link was lost: the next may need credentials that are still valid. */
  renew(): void {
    const now = performance.now() / 1000
    const expires = this.#rtc.iceServers?.some(({ username }) => username !== undefined) ?? false
    if (!expires || now - this.#askedAt < RENEWAL) return
    this.#askedAt = now
    this.#ask().then(
      (iceServers) => {
        this.#rtc = { ...this.#rtc, iceServers }
      },
      () => {
        // Without an answer there is no signaling either; those that are known may still do.
        this.#askedAt = Number.NEGATIVE_INFINITY
      },
    )
  }
}
