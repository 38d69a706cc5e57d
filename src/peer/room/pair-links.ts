import { isObject, type RelayName } from '../../protocol/both-ends.ts'
import {
  isLegacy,
  type LegacyClients,
  type LegacyPair,
  type LegacySupport,
  Links,
  type LinksOptions,
  type Recovering,
} from '../link/mod.ts'
import { afterSeconds } from '../shared/mod.ts'

/**
 * Seconds to wait for the initiator's first signal. A silent initiator may be a client before version 1, which sends no
 * offer without tracks.
 */
const LEGACY_WAIT = 5
/** The most signals to buffer before `start`: an offer and some candidates. */
const MAX_EARLY = 64

export interface PairLinksOptions extends LinksOptions {
  legacyClients: LegacyClients | undefined
}

/**
 * The links of one pair of peers. The other peer's first description decides which version they speak, if the app supports
 * clients before version 1.
 */
export class PairLinks {
  #options: PairLinksOptions
  #links: Links | undefined
  #legacy: LegacyPair | undefined
  /** Signals that arrived before `start`; undefined after it. */
  #early: [RelayName, unknown][] | undefined = []
  /** Whether a link of version 1 ever opened. */
  #wasConnected = false
  #dropped = 0
  #closed = false
  #stopWaiting: (() => void) | undefined

  constructor(options: PairLinksOptions) {
    this.#options = options
  }

  /** Opens the first link and handles the buffered signals. An offer of a client before version 1 may be among them. */
  start(): void {
    const early = this.#early
    if (early === undefined || this.#closed) return
    this.#early = undefined
    const options = this.#options
    this.#links = new Links({
      ...options,
      connected: (link) => {
        this.#wasConnected = true
        options.connected(link)
      },
    })
    const support = this.#support
    if (!options.initiator && support !== undefined) {
      this.#stopWaiting = afterSeconds(LEGACY_WAIT, () => {
        // Both versions run until the peer's version is known. Meanwhile only the version 1 links emit `recovering`.
        const recovering = (detail: Recovering) => {
          if (this.#links === undefined) options.recovering(detail)
        }
        this.#legacy = support.open({ ...options, recovering }, true)
      })
    }
    for (const [name, body] of early) this.receive(name, body)
  }

  get #support(): LegacySupport | undefined {
    return this.#options.legacyClients as LegacySupport | undefined
  }

  /** How many signals were unusable. */
  get dropped(): number {
    return this.#dropped + (this.#links?.dropped ?? 0) + (this.#legacy?.dropped ?? 0)
  }

  /** Whether a signal with this link number belongs to the pair. */
  accepts(number: unknown): boolean {
    return this.#early === undefined ? (this.#links?.accepts(number) ?? false) : number === this.#options.number
  }

  receive(name: RelayName, body: unknown): void {
    if (this.#closed) {
      this.#dropped++
      return
    }
    if (this.#early !== undefined) {
      if (this.#early.length < MAX_EARLY) this.#early.push([name, body])
      else this.#dropped++
      return
    }
    this.#stopWaiting?.()
    const support = this.#support
    const isOld = isLegacy(name, body)
    if (isOld && support === undefined) {
      // Answering it would make a link that the old client cannot use.
      if (!this.#wasConnected) this.#endLinks()
      this.#dropped++
      return
    }
    if (isOld && support !== undefined && this.#mayBeLegacy(name)) {
      this.#endLinks()
      // Without legacy links, an answer belongs to the offer of the link closed above. So send a new offer.
      this.#legacy ??= support.open(this.#options, name === 'answer')
    } else if (isObject(body) && body.link !== undefined) {
      // Only version 1 sends a link number. Drop the signal if the pair is legacy already.
      if (this.#links === undefined) {
        this.#dropped++
        return
      }
      this.#legacy?.close()
      this.#legacy = undefined
    }
    const links = this.#legacy ?? this.#links
    if (links === undefined) this.#dropped++
    else links.receive(name, body)
  }

  /** Ends the links of version 1 silently: an old client would make another connection for each further offer. */
  #endLinks(): void {
    this.#links?.close(false)
    this.#dropped += this.#links?.dropped ?? 0
    this.#links = undefined
  }

  /** A peer that opened a version 1 link stays version 1. An answer counts only if this side sent an offer. */
  #mayBeLegacy(name: RelayName): boolean {
    if (this.#links === undefined) return true
    return !this.#wasConnected && (name === 'offer' || this.#options.initiator || this.#legacy !== undefined)
  }

  /** The other peer's `want` has arrived on the link. */
  established(): void {
    this.#links?.established()
  }

  pause(): void {
    this.#links?.pause()
  }

  moved(number: number, initiator: boolean, keepsLink: boolean): void {
    this.#options = { ...this.#options, number, initiator }
    if (this.#early !== undefined) {
      this.start()
      return
    }
    this.#links?.moved(number, initiator, keepsLink)
    if (this.#legacy === undefined) return
    // A legacy peer treats this user as a new one and resumes nothing, so start new links.
    this.#legacy.close()
    this.#legacy = this.#support?.open(this.#options, true)
  }

  hurry(): void {
    this.#links?.hurry()
  }

  interrupt(seconds: number): void {
    this.#links?.interrupt(seconds)
  }

  /** @param says whether to send `bye`, so that the other peer starts no more links */
  close(says: boolean): void {
    this.#closed = true
    this.#stopWaiting?.()
    this.#links?.close(says)
    this.#legacy?.close()
  }
}
