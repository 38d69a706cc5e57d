import { isObject, type RelayName } from '../protocol/mod.ts'
import { encodeControl } from './control.ts'
import { PeerError } from './errors.ts'
import { LegacyConnection } from './legacy-connection.ts'
import { LegacyReceiver } from './legacy-receiver.ts'
import { LegacySender } from './legacy-sender.ts'
import type { LinksOptions } from './links.ts'
import { offerLimit } from './offer-limit.ts'

/**
 * Links to a client before version 1, which makes an offer of its own whoever is the initiator, and answers each offer
 * with another RTCPeerConnection; it restarts nothing, and neither can this.
 */
export class LegacyLinks {
  readonly #options: LinksOptions
  readonly #receiver: LegacyReceiver
  #own: LegacyConnection | undefined
  #other: LegacyConnection | undefined
  #link: LegacySender | undefined
  readonly #mayTakeOffer: () => boolean = offerLimit()
  #dropped = 0
  #closed = false

  /** @param offers whether to make an offer, or to wait for one */
  constructor(options: LinksOptions, offers: boolean) {
    this.#options = options
    this.#receiver = new LegacyReceiver((bytes) => options.message(bytes))
    if (offers) this.#own = this.#connect(true)
  }

  get dropped(): number {
    return this.#dropped + this.#receiver.ignored
  }

  receive(name: RelayName, body: unknown): void {
    if (name === 'offer' && !this.#closed && this.#mayTakeOffer()) {
      this.#other?.close()
      this.#other = this.#connect(false)
      this.#other.receive(name, body)
    } else if (name === 'answer' && this.#own !== undefined) this.#own.receive(name, body)
    else if (name === 'candidate') {
      // It does not say which of the two it is for; each takes what fits its description.
      this.#own?.receive(name, body)
      this.#other?.receive(name, body)
    } else this.#dropped++
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#receiver.close()
    this.#own?.close()
    this.#other?.close()
    this.#link?.close()
    if (this.#link !== undefined) this.#options.lost(this.#link)
  }

  #connect(initiator: boolean): LegacyConnection {
    const { number, rtc, wrtc, signal } = this.#options
    const connection: LegacyConnection = new LegacyConnection({
      initiator,
      rtc: rtc(),
      wrtc,
      // With the link, by which a client of version 1 knows it for none of its kind.
      describe: (description) => signal(description.type, { ...description, link: number }),
      channel: (channel) => this.#receiver.take(channel),
      connected: () => this.#connected(connection),
      failed: (cause) => this.#failed(cause),
    })
    return connection
  }

  #connected(connection: LegacyConnection): void {
    if (this.#closed || this.#link !== undefined) return
    const link = new LegacySender(connection, (publication) =>
      queueMicrotask(() => this.#options.message(encodeControl(['received', publication]))),
    )
    this.#link = link
    // It wants whatever there is, and will never say so.
    this.#options.message(encodeControl(['want', { history: 0 }]))
    this.#options.connected(link)
  }

  #failed(cause: unknown): void {
    if (this.#closed) return
    this.close()
    this.#options.failed(new PeerError('link-failed', `The link failed: ${(cause as Error).message}`, cause))
  }
}

/** Whether a signal is a description of a client before version 1, which knows no links. */
export const isLegacy = (name: RelayName, body: unknown): boolean =>
  (name === 'offer' || name === 'answer') &&
  isObject(body) &&
  body.link === undefined &&
  body.type === name &&
  typeof body.sdp === 'string' &&
  body.sdp.startsWith('v=0')
