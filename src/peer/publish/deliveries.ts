import type { Receiver } from '../link/mod.ts'

/** Publications that are over and not yet received by all; past that the oldest is not waited for any more. */
export const MAX_DELIVERIES = 256

/** Who has yet to say that it has all of a publication that is over. */
export class Deliveries {
  readonly #lacking = new Map<number, Set<Receiver>>()
  readonly #waiters = new Map<number, (() => void)[]>()

  /** A publication is over, and these were told. */
  begin(publication: number, links: Iterable<Receiver>): void {
    this.#lacking.set(publication, new Set(links))
    const [oldest] = this.#lacking.keys()
    if (this.#lacking.size > MAX_DELIVERIES) this.#settle(oldest as number)
    this.#look(publication)
  }

  /** Somebody who was away is back on another link, and is told again. */
  again(publication: number, link: Receiver): void {
    this.#lacking.get(publication)?.add(link)
  }

  /** @returns false where that was not waited for */
  received(publication: number, link: Receiver): boolean {
    const lacking = this.#lacking.get(publication)
    const expected = lacking?.delete(link) ?? false
    this.#look(publication)
    return expected
  }

  /** Nobody will say anything on this link any more. */
  gone(link: Receiver): void {
    for (const publication of [...this.#lacking.keys()]) this.received(publication, link)
  }

  /** Nothing more is waited for. */
  close(): void {
    for (const publication of [...this.#lacking.keys()]) this.#settle(publication)
  }

  /** Settles when all that were told of the end have everything, or left. */
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
