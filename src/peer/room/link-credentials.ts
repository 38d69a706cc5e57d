import { answerSchemas, type IceAnswer } from '../../protocol/both-ends.ts'
import { certificates, type Wrtc } from '../link/mod.ts'
import type { Timing } from '../shared/mod.ts'
import { readBody, type Signaling } from '../signaling/mod.ts'

export interface LinkCredentialsOptions {
  signaling: Pick<Signaling, 'request'>
  wrtc: Wrtc | undefined
  rtc: RTCConfiguration | undefined
  timing: Timing
}

/** Provides what a link needs before it is created: ICE servers with valid credentials, and certificates. */
export class LinkCredentials {
  readonly #options: LinkCredentialsOptions
  /** The ICE servers of the server's greeting, and the time of the greeting in milliseconds. */
  #greeted: { ice: IceAnswer; at: number } = { ice: { iceServers: [] }, at: Number.NEGATIVE_INFINITY }
  /** The certificates for the first room to join. */
  #prepared: Promise<RTCCertificate[]> | undefined

  constructor(options: LinkCredentialsOptions) {
    this.#options = options
  }

  /**
   * Creates the first certificate while the session waits for the server. A page's first certificate loads all of
   * WebRTC, which takes about 10 ms. The first `takeCertificates` throws any error.
   */
  prepare(): void {
    this.#prepared = certificates(this.#options.wrtc)
    this.#prepared.catch(() => {})
  }

  /** @returns certificates for one membership. Peers recognize a membership by them, so no two rooms share any */
  takeCertificates(): Promise<RTCCertificate[]> {
    const made = this.#prepared ?? certificates(this.#options.wrtc)
    this.#prepared = undefined
    return made
  }

  /** Stores the ICE servers of the server's greeting. */
  greeted(ice: IceAnswer = { iceServers: [] }): void {
    this.#greeted = { ice, at: this.#options.timing.now() }
  }

  /** The ICE servers of the server's greeting, whether or not their credentials are still valid. */
  get knownIce(): IceAnswer {
    const { ice, at } = this.#greeted
    if (ice.expiresIn === undefined || this.#ofApp !== undefined) return this.#ofApp ?? ice
    return { ...ice, expiresIn: at + ice.expiresIn - this.#options.timing.now() }
  }

  /** Requests new credentials only after half of their lifetime, because a request costs a round trip. */
  async freshIce(): Promise<IceAnswer> {
    const { knownIce } = this
    const { expiresIn: lifetime = 0 } = this.#greeted.ice
    return knownIce.expiresIn === undefined || knownIce.expiresIn > lifetime / 2 ? knownIce : this.requestIce()
  }

  async requestIce(): Promise<IceAnswer> {
    return this.#ofApp ?? readBody(answerSchemas.ice, await this.#options.signaling.request('ice', null))
  }

  /** The app's own ICE servers. They take precedence over the server's, and never expire. */
  get #ofApp(): IceAnswer | undefined {
    const { iceServers } = this.#options.rtc ?? {}
    return iceServers && { iceServers }
  }
}
