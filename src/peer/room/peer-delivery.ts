import { now } from '../../streams/mod.ts'
import type { OpenLink } from '../link/mod.ts'
import type { Outbox } from '../publish/mod.ts'
import type { Want } from '../wire/mod.ts'

/** Delivers this user's publications to one peer, over one link after the other. */
export class PeerDelivery {
  /** When the peer became a receiver, in seconds; undefined before. A peer that returns takes it over. */
  since: number | undefined
  readonly #outbox: Outbox
  readonly #gives: boolean
  /** The peer's `want`, once it has arrived on the current link. */
  #want: Want | undefined
  /** The request that came ahead of it, with the peer's description. */
  #ahead: Want | undefined
  /** The link that carries the publications. */
  #current: OpenLink | undefined
  /** The last lost link. The outbox buffers for it until the next link opens. */
  #lost: OpenLink | undefined

  /** @param gives whether to announce the publications */
  constructor(outbox: Outbox, gives: boolean) {
    this.#outbox = outbox
    this.#gives = gives
  }

  /** Whether the peer's `want` has arrived on the current link. That proves that messages arrive in both directions. */
  get isWanted(): boolean {
    return this.#want !== undefined
  }

  /** The peer's `want` has arrived. */
  wanted(want: Want): void {
    this.#want = want
  }

  /** @param want the request that came with the peer's description; undefined if it must not count */
  wantedAhead(want: Want | undefined): void {
    this.#ahead = want
  }

  /**
   * Announces the publications on an open link, and continues what the last link left unfinished. Does nothing if the
   * peer has not requested them yet, or if they are announced already.
   */
  start(link: OpenLink): void {
    const want = this.#want ?? this.#ahead
    if (want === undefined || this.#current === link) return
    this.#current = link
    const { history, resume, ended = [] } = want
    const since = this.since ?? now() - history
    this.since = since
    const known = resume && { next: new Map(resume), ended: new Set(ended), since }
    if (this.#gives) this.#outbox.addLink(link, history, known)
    this.forget()
  }

  /**
   * The link is lost. The outbox buffers for it.
   *
   * @param link undefined if it never opened
   */
  pause(link: OpenLink | undefined): void {
    // Before the peer's request, nothing was sent on the link, so there is nothing to resume.
    if (link !== undefined && this.#current === link) {
      this.#outbox.leave(link)
      this.#lost = link
    }
    this.#current = undefined
    this.#want = undefined
    this.#ahead = undefined
  }

  /** Stops buffering for the last lost link. */
  forget(): void {
    if (this.#lost !== undefined) this.#outbox.removeLink(this.#lost)
    this.#lost = undefined
  }
}
