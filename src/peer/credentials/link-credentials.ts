import { answerSchemas, type IceAnswer } from '../../protocol/both-ends.ts'
import { PreparedPeer, type Wrtc } from '../link/mod.ts'
import type { Timing } from '../shared/mod.ts'
import { readBody, type Signaling } from '../signaling/mod.ts'
import { certificates, withoutExpired } from './certificate.ts'

export interface LinkCredentialsOptions {
  signaling: Pick<Signaling, 'request'>
  wrtc: Wrtc | undefined
  rtc: RTCConfiguration | undefined
  timing: Timing
}

/** Provides what the links of a room need: ICE servers with valid credentials, certificates, and the first connection. */
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
   * WebRTC, which takes about 10 ms. So this waits for the next task: the WebSocket starts to connect first. The first
   * `takeCertificates` throws any error.
   */
  prepare(): void {
    const nextTask = new Promise((resolve) => setTimeout(resolve, 0))
    this.#prepared = nextTask.then(() => certificates(this.#options.wrtc))
    this.#prepared.catch(() => {})
  }

  /** @returns certificates for one membership. Peers recognize a membership by them, so no two rooms share any */
  takeCertificates(): Promise<RTCCertificate[]> {
    const made = this.#prepared ?? certificates(this.#options.wrtc)
    this.#prepared = undefined
    return made
  }

  /** Creates a connection for the first link of a room, with the room's certificates, as soon as they exist. */
  prepareLink(certificates: Promise<RTCCertificate[]>): PreparedPeer {
    const { rtc, wrtc } = this.#options
    const prepared = new PreparedPeer()
    certificates.then(
      // The link sets the servers, which may be unknown now. Without this empty list, simple-peer's own would apply.
      (certificates) => prepared.open(withoutExpired({ iceServers: [], ...rtc, certificates }), wrtc),
      // `join` throws the error.
      () => {},
    )
    return prepared
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
