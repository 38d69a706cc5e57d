import { now } from '../../streams/mod.ts'
import type { Receiver } from '../link/mod.ts'
import { encodeControl } from '../wire/mod.ts'
import type { Announced, Known, Wanted } from './announced.ts'
import { Deliveries } from './deliveries.ts'
import { EndedPublications } from './ended-publications.ts'

/**
 * How often the outbox wakes waiters while a receiver is away, in seconds. An absence becomes too long to count without
 * any event.
 */
const TICK = 1

/** Everything that this side publishes in a room, and the links that carry it. */
export class Outbox {
  readonly #links = new Set<Receiver>()
  readonly #away = new Set<Receiver>()
  readonly #publications = new Set<Announced>()
  readonly #ended = new EndedPublications()
  readonly #deliveries = new Deliveries()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #waiters: (() => void)[] = []
  #number = 0
  #ticking = false

  /** Returns a new number for a publication or a stream. The outbox never uses a number twice. */
  nextNumber(): number {
    return ++this.#number
  }

  /** The receivers that are connected. */
  get links(): ReadonlySet<Receiver> {
    return this.#links
  }

  /** Lost links of peers that may come back. */
  get away(): Iterable<Receiver> {
    return this.#away
  }

  /** Whether there is any receiver, connected or away. */
  get hasReceivers(): boolean {
    return this.#links.size + this.#away.size > 0
  }

  /**
   * Adds a link whose peer wants the publications. Sends them with their past, then everything that follows.
   *
   * @param history seconds of the past to send to a new receiver
   * @param known what a returning peer knows, and since when it has been a receiver, in seconds
   */
  addLink(link: Receiver, history: number, known?: Known & { since: number }): void {
    const since = known?.since ?? (history > 0 ? now() - history : Number.POSITIVE_INFINITY)
    const wanted: Wanted = { since, resume: known }
    const told = known === undefined ? [...this.#publications] : this.#resume(link, wanted)
    for (const publication of told) publication.announce(link, wanted)
    this.#links.add(link)
    for (const publication of this.#publications) publication.addMediaTo(link)
    this.drain()
  }

  /** A link is gone, and its peer may come back. The histories keep what the peer lacks. */
  leave(link: Receiver): void {
    if (!this.#links.delete(link)) return
    for (const publication of this.#publications) publication.leave(link)
    this.#away.add(link)
    this.#tick()
  }

  /** A link is gone for good: nobody waits for its peer. */
  removeLink(link: Receiver): void {
    this.#links.delete(link)
    this.#deliveries.gone(link)
    if (this.#away.delete(link)) for (const publication of this.#publications) publication.return(link)
    if (!this.hasReceivers) this.#forget()
    this.drain()
  }

  add(publication: Announced): void {
    this.#publications.add(publication)
    const wanted: Wanted = { since: Number.POSITIVE_INFINITY, resume: undefined }
    for (const link of this.#links) publication.announce(link, wanted)
  }

  /** A publication has ended. The outbox keeps its end for receivers that are away. */
  remove(publication: Announced): void {
    this.#publications.delete(publication)
    this.#deliveries.begin(publication.number, [...this.#links, ...this.#away])
    if (this.hasReceivers) this.#ended.add(publication)
  }

  /**
   * Takes the acknowledgement of an ended publication.
   *
   * @returns false if nothing waited for it
   */
  received(publication: number, link: Receiver): boolean {
    return this.#deliveries.received(publication, link)
  }

  /** Settles when every receiver that knows of the end has acknowledged the publication, or has left. */
  delivered(publication: number): Promise<void> {
    return this.#deliveries.delivered(publication)
  }

  /** Settles when it is worth checking the queues again, or when no receiver is left. */
  async drained(): Promise<void> {
    if (this.hasReceivers) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** Wakes everybody who waits in `drained`. Links call it after they have sent queued data. */
  drain(): void {
    if (this.#waiters.length === 0) return
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter()
  }

  /** Calls back after so many seconds, unless the outbox closes before. The timer keeps no process alive. */
  after(seconds: number, callback: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      callback()
    }, seconds * 1000)
    this.#timers.add(timer)
    // Browsers have no `unref`, and no process that a timer could keep alive.
    const { unref } = timer as unknown as { unref?: () => void }
    unref?.call(timer)
  }

  /** Removes all links. The outbox sends nothing any more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#links.clear()
    this.#away.clear()
    this.#forget()
    this.#deliveries.close()
    this.drain()
  }

  /**
   * Sends a returning peer the numbers of everything that it can still receive.
   *
   * @returns the publications to announce
   */
  #resume(link: Receiver, wanted: Wanted): Announced[] {
    const ended = this.#ended.lackedBy(wanted)
    for (const { number } of ended) this.#deliveries.again(number, link)
    const told = [...ended, ...this.#publications]
    const streams = told.flatMap((publication) => publication.streamsFor(wanted))
    const publications = told.map(({ number }) => number)
    link.send(encodeControl(['resume', publications, streams]))
    return told
  }

  #forget(): void {
    this.#ended.clear()
    for (const publication of this.#publications) publication.forget()
  }

  #tick(): void {
    if (this.#ticking || this.#away.size === 0) return
    this.#ticking = true
    this.after(TICK, () => {
      this.#ticking = false
      this.drain()
      this.#tick()
    })
  }
}
