import type { RelayName } from '../../protocol/both-ends.ts'
import { afterSeconds, encodeControl, now, offerLimit, Recovery } from '../internal/mod.ts'
import type { LegacyPair, LinksOptions } from '../link/mod.ts'
import { LegacyConnection } from './legacy-connection.ts'
import { LegacyReceiver } from './legacy-receiver.ts'
import { LegacySender } from './legacy-sender.ts'

/**
 * Links to a client before version 1. Such a client sends its own offer even if it is not the initiator. It answers
 * each offer with another RTCPeerConnection. It never restarts ICE and never sends a second offer. So this side sends
 * an offer after a loss, with the same delays as for other links.
 */
export class LegacyLinks implements LegacyPair {
  readonly #options: LinksOptions
  readonly #receiver: LegacyReceiver
  readonly #recovery: Recovery
  /** The connections from this side's offer, and from the other peer's offer. */
  #own: LegacyConnection | undefined
  #other: LegacyConnection | undefined
  /** The connection that carries this side's publications. */
  #carrier: LegacyConnection | undefined
  #link: LegacySender | undefined
  readonly #mayTakeOffer: () => boolean = offerLimit()
  #dropped = 0
  #closed = false

  /** @param offers whether to send an offer at once; otherwise it waits for one */
  constructor(options: LinksOptions, offers: boolean) {
    this.#options = options
    this.#receiver = new LegacyReceiver((bytes) => options.message(bytes))
    this.#recovery = new Recovery({
      now,
      after: afterSeconds,
      random: Math.random,
      createsLinks: true,
      hasRelay: false,
      restart() {},
      close: () => this.#own?.close(),
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
      // The candidate does not name its connection. Each connection accepts only candidates of its own description.
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
    this.#dropLink()
  }

  #offer(): void {
    this.#own?.close()
    this.#own = this.#connect(true)
  }

  /** @returns undefined if the platform cannot create a connection */
  #connect(initiator: boolean): LegacyConnection | undefined {
    const { number, rtc, wrtc, signal } = this.#options
    try {
      const connection: LegacyConnection = new LegacyConnection({
        initiator,
        rtc: rtc(),
        wrtc,
        // Include `link`, so that a client of version 1 does not take this for an old client's description.
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
    // An old client never sends `want`, so request everything on its behalf.
    this.#options.message(encodeControl(['want', { history: 0 }]))
    this.#options.connected(link)
    this.#recovery.connected()
  }

  /** @param connection undefined if the platform could not create one */
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
    this.#dropLink()
    this.#recovery.lost('failed')
  }

  #dropLink(): void {
    const link = this.#link
    this.#link = undefined
    this.#carrier = undefined
    link?.close()
    if (link !== undefined) this.#options.lost(link)
  }
}
