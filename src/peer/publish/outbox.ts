import { now } from '../../streams/mod.ts'
import type { OutgoingChunk } from '../channel/mod.ts'
import type { Receiver, Waiting } from '../link/mod.ts'
import { encodeControl, type Terms } from '../wire/mod.ts'
import { Deliveries } from './deliveries.ts'

/** What a returning receiver knows: the next sample of each of its streams, and which streams are over. */
export interface Known {
  next: ReadonlyMap<number, number>
  ended: ReadonlySet<number>
}

/** What a receiver wants announced. */
export interface Wanted {
  /** For streams that the receiver does not know: send chunks made at this time or later, in seconds. */
  since: number
  /** Undefined for a new receiver. */
  resume: Known | undefined
}

/** A publication, as the outbox sees it. */
export interface Announced {
  readonly number: number
  readonly mediaStream: MediaStream | undefined
  /** Bytes in the histories of ended streams. */
  readonly endedBytes: number
  /** Returns the numbers of the streams to announce to a receiver. */
  streamsFor(wanted: Wanted): number[]
  /** Announces those streams to a link, and sends their past. */
  announce(link: Receiver, wanted: Wanted): void
  /** A link is gone, and its peer may come back. */
  leave(link: Receiver): void
  /** The peer of that link is back, or will not come back. */
  return(link: Receiver): void
  /** No receiver is left that could request ended streams: removes their histories. */
  forget(): void
  /** Emits an error: one link could not send something. */
  fail(error: Error): void
}

/**
 * Most ended publications that the outbox keeps for receivers that are away. Past either limit, it removes the oldest
 * first.
 */
export const MAX_ENDED_PUBLICATIONS = 256
/** Most bytes in the histories of these publications. */
const MAX_ENDED_BYTES = 268_435_456
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
  readonly #ended = new Set<Announced>()
  readonly #deliveries = new Deliveries()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #waiters: (() => void)[] = []
  #number = 0
  #ticking = false

  /** Returns a new number for a publication or a stream. The outbox never uses a number twice. */
  nextNumber(): number {
    return ++this.#number
  }

  get hasLinks(): boolean {
    return this.#links.size > 0
  }

  /** Whether there is any receiver, connected or away. */
  get hasReceivers(): boolean {
    return this.#links.size + this.#away.size > 0
  }

  /** Lost links of peers that may come back. */
  get away(): Iterable<Receiver> {
    return this.#away
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
    for (const publication of this.#publications) {
      for (const track of publication.mediaStream?.getTracks() ?? []) this.#tryAddMedia(publication, track, link)
    }
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
    for (const track of publication.mediaStream?.getTracks() ?? []) this.addMedia(publication, track)
  }

  /** A publication has ended. The outbox keeps its end for receivers that are away. */
  remove(publication: Announced): void {
    this.#publications.delete(publication)
    this.#deliveries.begin(publication.number, [...this.#links, ...this.#away])
    if (!this.hasReceivers) return
    this.#ended.add(publication)
    let bytes = 0
    for (const { endedBytes } of this.#ended) bytes += endedBytes
    for (const oldest of this.#ended) {
      if (this.#ended.size <= MAX_ENDED_PUBLICATIONS && bytes <= MAX_ENDED_BYTES) return
      bytes -= oldest.endedBytes
      oldest.forget()
      this.#ended.delete(oldest)
    }
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

  /** Sends a control that starts something, ahead of all chunks. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    for (const link of this.#links) link.send(bytes)
  }

  /** Sends a control after everything that the stream has queued. */
  sendTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    for (const link of this.#links) link.sendTo(stream, bytes)
  }

  /** Sends a control after everything that these streams have queued. */
  sendAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    for (const link of this.#links) link.sendAfter(streams, bytes)
  }

  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): void {
    for (const link of this.#links) link.sendChunk(stream, chunk, terms)
  }

  /** Returns the longest queue that any of these streams has on any link. */
  waiting(streams: readonly number[]): Waiting {
    const most = { bytes: 0, seconds: 0 }
    for (const link of this.#links) {
      for (const stream of streams) {
        const { bytes, seconds } = link.waiting(stream)
        most.bytes = Math.max(most.bytes, bytes)
        most.seconds = Math.max(most.seconds, seconds)
      }
    }
    return most
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

  addMedia(publication: Announced, track: MediaStreamTrack): void {
    for (const link of this.#links) this.#tryAddMedia(publication, track, link)
  }

  removeMedia({ mediaStream }: Announced, track: MediaStreamTrack): void {
    if (mediaStream !== undefined) for (const link of this.#links) link.removeMedia(track, mediaStream)
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
    const ended = [...this.#ended].filter((publication) => publication.streamsFor(wanted).length > 0)
    for (const { number } of ended) this.#deliveries.again(number, link)
    const told = [...ended, ...this.#publications]
    const streams = told.flatMap((publication) => publication.streamsFor(wanted))
    const publications = told.map(({ number }) => number)
    link.send(encodeControl(['resume', publications, streams]))
    return told
  }

  #forget(): void {
    for (const publication of [...this.#ended, ...this.#publications]) publication.forget()
    this.#ended.clear()
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

  /** simple-peer throws for a track that was removed from the same stream before. */
  #tryAddMedia(publication: Announced, track: MediaStreamTrack, link: Receiver): void {
    try {
      link.addMedia(track, publication.mediaStream as MediaStream)
    } catch (error) {
      publication.fail(error as Error)
    }
  }
}
