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
  /** The last lost link. The outbox buffers for it until the next link opens. */
  #lost: OpenLink | undefined

  /** @param gives whether to announce the publications */
  constructor(outbox: Outbox, gives: boolean) {
    this.#outbox = outbox
    this.#gives = gives
  }

  /** Whether the peer's `want` has arrived on the current link. Anything sent earlier would be lost. */
  get isWanted(): boolean {
    return this.#want !== undefined
  }

  /** The peer's `want` has arrived. */
  wanted(want: Want): void {
    this.#want = want
  }

  /** Announces the publications on an open link, and continues what the last link left unfinished. */
  start(link: OpenLink): void {
    const { history, resume, ended = [] } = this.#want as Want
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
    // Before the peer's `want`, nothing was sent on the link, so there is nothing to resume.
    if (link !== undefined && this.#want !== undefined) {
      this.#outbox.leave(link)
      this.#lost = link
    }
    this.#want = undefined
  }

  /** Stops buffering for the last lost link. */
  forget(): void {
    if (this.#lost !== undefined) this.#outbox.removeLink(this.#lost)
    this.#lost = undefined
  }
}
