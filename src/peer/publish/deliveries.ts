import type { Receiver } from '../link/mod.ts'

/** Most ended publications that wait for acknowledgements. Past it, the oldest counts as delivered. */
export const MAX_DELIVERIES = 256

/** Tracks which receivers have yet to acknowledge each ended publication. */
export class Deliveries {
  readonly #lacking = new Map<number, Set<Receiver>>()
  readonly #waiters = new Map<number, (() => void)[]>()

  /** A publication has ended: waits until these receivers acknowledge all of it. */
  begin(publication: number, links: Iterable<Receiver>): void {
    this.#lacking.set(publication, new Set(links))
    const [oldest] = this.#lacking.keys()
    if (this.#lacking.size > MAX_DELIVERIES) this.#settle(oldest as number)
    this.#look(publication)
  }

  /** A peer is back on another link, where the outbox announces the publication again. Waits for that link too. */
  again(publication: number, link: Receiver): void {
    this.#lacking.get(publication)?.add(link)
  }

  /**
   * Takes the acknowledgement of a receiver.
   *
   * @returns false if nothing waited for it
   */
  received(publication: number, link: Receiver): boolean {
    const lacking = this.#lacking.get(publication)
    const expected = lacking?.delete(link) ?? false
    this.#look(publication)
    return expected
  }

  /** The link will acknowledge nothing any more: stops waiting for it. */
  gone(link: Receiver): void {
    for (const publication of [...this.#lacking.keys()]) this.received(publication, link)
  }

  /** Stops waiting. Every publication counts as delivered. */
  close(): void {
    for (const publication of [...this.#lacking.keys()]) this.#settle(publication)
  }

  /** Settles when every receiver that knows of the end has acknowledged the publication, or has left. */
  async delivered(publication: number): Promise<void> {
    if (!this.#lacking.has(publication)) return
    await new Promise<void>((resolve) => {
      this.#waiters.set(publication, [...(this.#waiters.get(publication) ?? []), resolve])
    })
  }

  #look(publication: number): void {
    if (this.#lacking.get(publication)?.size === 0) this.#settle(publication)
  }

  #settle(publication: number): void {
    this.#lacking.delete(publication)
    for (const waiter of this.#waiters.get(publication) ?? []) waiter()
    this.#waiters.delete(publication)
  }
}
