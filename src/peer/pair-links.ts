import { isObject, type RelayName } from '../protocol/mod.ts'
import { isLegacy, LegacyLinks } from './legacy-links.ts'
import { Links, type LinksOptions } from './links.ts'
import { afterSeconds } from './timing.ts'

/** Without a sign of the initiator for so many seconds, it may be one that never makes an offer as it has no tracks. */
const LEGACY_WAIT = 5

/** The links of one pair, of whichever version the other side turns out to be by its first description. */
export class PairLinks {
  readonly #options: LinksOptions
  #links: Links | undefined
  #legacy: LegacyLinks | undefined
  /** Whether there was a link of version 1. */
  #wasConnected = false
  #dropped = 0
  #stopWaiting: (() => void) | undefined

  constructor(options: LinksOptions) {
    this.#options = options
    this.#links = new Links({
      ...options,
      connected: (link) => {
        this.#wasConnected = true
        options.connected(link)
      },
    })
    if (!options.initiator) {
      this.#stopWaiting = afterSeconds(LEGACY_WAIT, () => {
        this.#legacy = new LegacyLinks(options, true)
      })
    }
  }

  /** Signals that could not be used. */
  get dropped(): number {
    return this.#dropped + (this.#links?.dropped ?? 0) + (this.#legacy?.dropped ?? 0)
  }

  /** Numbers that signals of the other side may bear. */
  accepts(number: unknown): boolean {
    return this.#links?.accepts(number) ?? false
  }

  receive(name: RelayName, body: unknown): void {
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

  pause(): void {
    this.#links?.pause()
  }

  moved(number: number, initiator: boolean, keepsLink: boolean): void {
    this.#links?.moved(number, initiator, keepsLink)
    if (this.#legacy === undefined) return
    // To the other side this is somebody new, who is told nothing of what was before.
    this.#legacy.close()
    this.#legacy = new LegacyLinks({ ...this.#options, number, initiator }, true)
  }

  hurry(): void {
    this.#links?.hurry()
  }

  interrupt(seconds: number): void {
    this.#links?.interrupt(seconds)
  }

  close(says: boolean): void {
    this.#stopWaiting?.()
    this.#links?.close(says)
    this.#legacy?.close()
  }
}
