import { certificates, type Wrtc } from '../link/mod.ts'
import type { Timing } from '../shared/mod.ts'
import { bodies, type IceAnswer, readBody, type Signaling } from '../signaling/mod.ts'

export interface LinkCredentialsOptions {
  signaling: Pick<Signaling, 'request'>
  wrtc: Wrtc | undefined
  rtc: RTCConfiguration | undefined
  timing: Timing
}

/** What links need before they are made: ICE servers with valid credentials, and certificates. */
export class LinkCredentials {
  readonly #options: LinkCredentialsOptions
  /** The server's answer when it greeted, and when that was. */
  #greeted: { ice: IceAnswer; at: number } = { ice: { iceServers: [] }, at: Number.NEGATIVE_INFINITY }
  /** For the first room that is joined. */
  #prepared: Promise<RTCCertificate[]> | undefined

  constructor(options: LinkCredentialsOptions) {
    this.#options = options
  }

  /**
   * Makes the first certificate while the server is waited for: a page's first one loads all of WebRTC, which takes some
   * 10 ms. An error is thrown at the first `takeCertificates`.
   */
  prepare(): void {
    this.#prepared = certificates(this.#options.wrtc)
    this.#prepared.catch(() => {})
  }

  /** Certificates for one membership; peers recognize it by them, so no two rooms share any. */
  takeCertificates(): Promise<RTCCertificate[]> {
    const made = this.#prepared ?? certificates(this.#options.wrtc)
    this.#prepared = undefined
    return made
  }

  /** Keeps the ICE servers of the server's greeting. */
  greeted(ice: IceAnswer = { iceServers: [] }): void {
    this.#greeted = { ice, at: this.#options.timing.now() }
  }

  /** Another request would cost a round trip, so it is made only when half of the credentials' lifetime has passed. */
  async freshIce(): Promise<IceAnswer> {
    const { ice, at } = this.#greeted
    if (ice.expiresIn === undefined || this.#ofApp !== undefined) return this.#ofApp ?? ice
    const left = at + ice.expiresIn - this.#options.timing.now()
    return left > ice.expiresIn / 2 ? { ...ice, expiresIn: left } : this.requestIce()
  }

  async requestIce(): Promise<IceAnswer> {
    return this.#ofApp ?? readBody(bodies.ice, await this.#options.signaling.request('ice', null))
  }

  /** The app's own ICE servers take precedence over the server's, and never expire. */
  get #ofApp(): IceAnswer | undefined {
    const { iceServers } = this.#options.rtc ?? {}
    return iceServers && { iceServers }
  }
}
