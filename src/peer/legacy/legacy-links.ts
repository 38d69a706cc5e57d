import { isObject, type RelayName } from '../../protocol/mod.ts'
import { now } from '../../streams/mod.ts'
import { type LinksOptions, offerLimit, Recovery } from '../link/mod.ts'
import { afterSeconds } from '../shared/mod.ts'
import { encodeControl } from '../wire/mod.ts'
import { LegacyConnection } from './legacy-connection.ts'
import { LegacyReceiver } from './legacy-receiver.ts'
import { LegacySender } from './legacy-sender.ts'

/**
 * Links to a client before version 1, which makes an offer of its own whoever is the initiator, and answers each offer
 * with another RTCPeerConnection. It restarts nothing and makes no second offer; one that is lost is followed by an offer
 * from here, by the same ladder as any other.
 */
export class LegacyLinks {
  readonly #options: LinksOptions
  readonly #receiver: LegacyReceiver
  readonly #recovery: Recovery
  /** By an offer from here, and by the other side's. */
  #own: LegacyConnection | undefined
  #other: LegacyConnection | undefined
  /** What is published goes over this one. */
  #carrier: LegacyConnection | undefined
  #link: LegacySender | undefined
  readonly #mayTakeOffer: () => boolean = offerLimit()
  #dropped = 0
  #closed = false

  /** @param offers whether to make an offer at once, or to wait for one */
  constructor(options: LinksOptions, offers: boolean) {
    this.#options = options
    this.#receiver = new LegacyReceiver((bytes) => options.message(bytes))
    this.#recovery = new Recovery({
      now,
      after: afterSeconds,
      random: Math.random,
      drives: true,
      hasRelay: false,
      restart() {},
      drop: () => this.#own?.close(),
      rebuild: () => this.#offer(),
      recovering: options.recovering,
      recovered: (detail) => options.recovered(detail, false),
    })
    if (offers) this.#offer()
  }

  get dropped(): number {
    return this.#dropped + this.#receiver.ignored
  }

  receive(name: RelayName, body: unknown): void {
    if (name === 'offer' && !this.#closed && this.#mayTakeOffer()) {
      this.#other?.close()
      this.#other = this.#connect(false)
      this.#other?.receive(name, body)
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
    this.#recovery.stop()
    this.#receiver.close()
    this.#own?.close()
    this.#other?.close()
    this.#lose()
  }

  #offer(): void {
    this.#own?.close()
    this.#own = this.#connect(true)
  }

  /** @returns undefined where the platform makes none */
  #connect(initiator: boolean): LegacyConnection | undefined {
    const { number, rtc, wrtc, signal } = this.#options
    try {
      const connection: LegacyConnection = new LegacyConnection({
        initiator,
        rtc: rtc(),
        wrtc,
        // With the link, by which a client of version 1 knows it for none of its kind.
        describe: (description) => signal(description.type, { ...description, link: number }),
        channel: (channel) => this.#receiver.take(channel),
        connected: () => this.#connected(connection),
        failed: (error) => this.#failed(connection, error),
      })
      return connection
    } catch {
      queueMicrotask(() => this.#failed(undefined))
      return undefined
    }
  }

  #connected(connection: LegacyConnection): void {
    if (this.#closed || this.#link !== undefined) return
    const link = new LegacySender(connection, (publication) =>
      queueMicrotask(() => this.#options.message(encodeControl(['received', publication]))),
    )
    this.#carrier = connection
    this.#link = link
    // It wants whatever there is, and will never say so.
    this.#options.message(encodeControl(['want', { history: 0 }]))
    this.#options.connected(link)
    this.#recovery.connected()
  }

  /** @param connection undefined where none could be made */
  #failed(connection: LegacyConnection | undefined, error?: Error): void {
    if (this.#closed) return
    if (error !== undefined) {
      this.close()
      this.#options.failed(error)
      return
    }
    connection?.close()
    if (connection === this.#other) this.#receiver.close()
    if (this.#link !== undefined && connection !== this.#carrier) return
    this.#lose()
    this.#recovery.lost('failed')
  }

  #lose(): void {
    const link = this.#link
    this.#link = undefined
    this.#carrier = undefined
    link?.close()
    if (link !== undefined) this.#options.lost(link)
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
