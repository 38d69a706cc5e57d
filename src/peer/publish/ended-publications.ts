import type { Announced, Wanted } from './announced.ts'

/**
 * Most ended publications that are kept for receivers that are away. Past either limit, the oldest is removed first.
 */
export const MAX_ENDED_PUBLICATIONS = 256
/** Most bytes in the histories of these publications. */
const MAX_ENDED_BYTES = 268_435_456

/** Ended publications that receivers that are away may still lack, within limits. */
export class EndedPublications {
  readonly #publications = new Set<Announced>()

  add(publication: Announced): void {
    this.#publications.add(publication)
    let bytes = 0
    for (const { endedBytes } of this.#publications) bytes += endedBytes
    for (const oldest of this.#publications) {
      if (this.#publications.size <= MAX_ENDED_PUBLICATIONS && bytes <= MAX_ENDED_BYTES) return
      bytes -= oldest.endedBytes
      oldest.forget()
      this.#publications.delete(oldest)
    }
  }

  /** Returns the publications of which a returning receiver lacks something. */
  lackedBy(wanted: Wanted): Announced[] {
    return [...this.#publications].filter((publication) => publication.streamsFor(wanted).length > 0)
  }

  clear(): void {
    for (const publication of this.#publications) publication.forget()
    this.#publications.clear()
  }
}
