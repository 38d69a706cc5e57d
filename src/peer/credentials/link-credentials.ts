import { answerSchemas, type IceAnswer } from '../../protocol/mod.ts'
import { certificates, PreparedPeer, type Wrtc } from '../link/mod.ts'
import type { Timing } from '../shared/mod.ts'
import { readBody, type Signaling } from '../signaling/mod.ts'

export interface LinkCredentialsOptions {
  signaling: Pick<Signaling, 'request'>
  wrtc: Wrtc | undefined
  rtc: RTCConfiguration | undefined
  timing: Timing
}

/** What the links of one membership use. Peers recognize a membership by its certificates, so no two share any. */
export interface OwnCredentials {
  certificates: RTCCertificate[]
  /** The connection for the first link. */
  prepared: PreparedPeer | undefined
}

/** Provides what a link needs before it is created: ICE servers with valid credentials, certificates, a connection. */
export class LinkCredentials {
  readonly #options: LinkCredentialsOptions
  /** The ICE servers of the server's greeting, and the time of the greeting in milliseconds. */
  #greeted: { ice: IceAnswer; at: number } = { ice: { iceServers: [] }, at: Number.NEGATIVE_INFINITY }
  /** For the first room to join. */
  #own: Promise<OwnCredentials> | undefined

  constructor(options: LinkCredentialsOptions) {
    this.#options = options
  }

  /**
   * Creates the first certificate while the session waits for the server. A page's first certificate loads all of
   * WebRTC, which takes about 10 ms. The first `take` throws any error.
   *
   * @param joins whether the user is joining a room already, and so needs a connection
   */
  prepare(joins: boolean): void {
    this.#own = this.#make(joins)
    this.#own.catch(() => {})
  }

  /** @returns the credentials for one membership */
  take(): Promise<OwnCredentials> {
    const own = this.#own ?? this.#make(false)
    this.#own = undefined
    return own
  }

  /** Makes a connection for the first link, with a certificate that peers will recognize. */
  connection(certificates: RTCCertificate[]): PreparedPeer {
    const { rtc, wrtc } = this.#options
    const { iceServers } = this.knownIce
    return new PreparedPeer({ iceServers, ...rtc, certificates }, wrtc)
  }

  /** Closes the connection that no room has taken. */
  close(): void {
    this.#own?.then(
      ({ prepared }) => prepared?.close(),
      // There is none.
      () => {},
    )
  }

  async #make(joins: boolean): Promise<OwnCredentials> {
    const made = await certificates(this.#options.wrtc)
    return { certificates: made, prepared: joins ? this.connection(made) : undefined }
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
