import { isObject, type RelayName } from '../../protocol/mod.ts'
import { isLegacy, LegacyLinks } from '../legacy/mod.ts'
import { Links, type LinksOptions, type Recovering } from '../link/mod.ts'
import { afterSeconds } from '../shared/mod.ts'

/** Without a sign of the initiator for so many seconds, it may be one that never makes an offer as it has no tracks. */
const LEGACY_WAIT = 5
/** Signals that wait for the start: an offer, and some candidates. */
const MAX_EARLY = 64

/** The links of one pair, of whichever version the other side turns out to be by its first description. */
export class PairLinks {
  #options: LinksOptions
  #links: Links | undefined
  #legacy: LegacyLinks | undefined
  /** Signals that came before it was started; undefined from then on. */
  #early: [RelayName, unknown][] | undefined = []
  /** Whether there was a link of version 1. */
  #wasConnected = false
  #dropped = 0
  #closed = false
  #stopWaiting: (() => void) | undefined

  constructor(options: LinksOptions) {
    this.#options = options
  }

  /** Opens the first link, and takes the signals that have come already: an old client's offer may be among them. */
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
    if (!options.initiator) {
      this.#stopWaiting = afterSeconds(LEGACY_WAIT, () => {
        // Until it is known to be one, only the links of version 1 say how they do.
        const recovering = (detail: Recovering) => {
          if (this.#links === undefined) options.recovering(detail)
        }
        this.#legacy = new LegacyLinks({ ...options, recovering }, true)
      })
    }
    for (const [name, body] of early) this.receive(name, body)
  }

  /** Signals that could not be used. */
  get dropped(): number {
    return this.#dropped + (this.#links?.dropped ?? 0) + (this.#legacy?.dropped ?? 0)
  }

  /** Numbers that signals of the other side may bear. */
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
    if (isLegacy(name, body) && this.#mayBeLegacy(name)) {
      this.#links?.close(false)
      this.#links = undefined
      // An answer is one to an offer that was of no use, or else to that of the links that there are.
      this.#legacy ??= new LegacyLinks(this.#options, name === 'answer')
    } else if (isObject(body) && body.link !== undefined) {
      // Of version 1, as was to be hoped; of one who is not, it is nothing.
      if (this.#links === undefined) {
        this.#dropped++
        return
      }
      this.#legacy?.close()
      this.#legacy = undefined
    }
    const links = this.#legacy ?? this.#links
    links?.receive(name, body)
  }

  /** Who has had a link of version 1 does not become older; and an answer takes an offer of ours. */
  #mayBeLegacy(name: RelayName): boolean {
    if (this.#links === undefined) return true
    return !this.#wasConnected && (name === 'offer' || this.#options.initiator || this.#legacy !== undefined)
  }

  /** The other side has said on the link what it wants. */
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
    // To the other side this is somebody new, who is told nothing of what was before.
    this.#legacy.close()
    this.#legacy = new LegacyLinks(this.#options, true)
  }

  hurry(): void {
    this.#links?.hurry()
  }

  interrupt(seconds: number): void {
    this.#links?.interrupt(seconds)
  }

  close(says: boolean): void {
    this.#closed = true
    this.#stopWaiting?.()
    this.#links?.close(says)
    this.#legacy?.close()
  }
}
