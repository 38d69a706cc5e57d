import { now } from '../../streams/mod.ts'
import type { OutgoingChunk } from '../channel/mod.ts'
import type { Receiver, Waiting } from '../link/mod.ts'
import { encodeControl, type Terms } from '../wire/mod.ts'
import { Deliveries } from './deliveries.ts'

/** What a receiver that was here before knows: the next sample of its streams, and which are over. */
export interface Known {
  next: ReadonlyMap<number, number>
  ended: ReadonlySet<number>
}

/** What somebody is to be told of. */
export interface Wanted {
  /** Of streams that are not known, chunks that were made at this time, in seconds, or later. */
  since: number
  resume: Known | undefined
}

/** What an outbox knows of a publication. */
export interface Announced {
  readonly number: number
  readonly mediaStream: MediaStream | undefined
  /** What is kept of streams that are over. */
  readonly endedBytes: number
  /** The numbers of the streams that somebody is to be told of. */
  streamsFor(wanted: Wanted): number[]
  /** Tells a link of them, and what came before it. */
  announce(link: Receiver, wanted: Wanted): void
  /** A link is gone whose peer may come back; and it is back, or will not. */
  leave(link: Receiver): void
  return(link: Receiver): void
  /** Nobody is left who could ask for what is over. */
  forget(): void
  /** Something could not be sent on one link. */
  fail(error: Error): void
}

/** Publications that are over and still kept for those who were away, and their bytes; the oldest are forgotten first. */
export const MAX_ENDED_PUBLICATIONS = 256
const MAX_ENDED_BYTES = 268_435_456
/** How often those who wait hear that time has passed while somebody is away, in seconds. */
const TICK = 1

/** All that one side publishes in a room, and the links it goes out on. */
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

  /** Numbers for publications and streams; no number is used twice. */
  nextNumber(): number {
    return ++this.#number
  }

  get hasLinks(): boolean {
    return this.#links.size > 0
  }

  /** Whether there is anybody, even if away. */
  get hasReceivers(): boolean {
    return this.#links.size + this.#away.size > 0
  }

  /** Links that are gone, of peers that may come back. */
  get away(): Iterable<Receiver> {
    return this.#away
  }

  /**
   * A link whose peer wants it gets what is published, with its past, then whatever is sent from now on.
   *
   * @param history seconds of the past
   * @param known by a peer that comes back, and since when it has been a receiver, in seconds
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

  /** A link is gone, and its peer may come back: what it lacks waits. */
  leave(link: Receiver): void {
    if (!this.#links.delete(link)) return
    for (const publication of this.#publications) publication.leave(link)
    this.#away.add(link)
    this.#tick()
  }

  /** A link is gone, and nobody waits for it. */
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

  /** It is over; those who are away may still ask for its end. */
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

  /** Somebody has all of a publication that is over. @returns false where that was not waited for */
  received(publication: number, link: Receiver): boolean {
    return this.#deliveries.received(publication, link)
  }

  /** Settles when all that were told of its end have everything of a publication, or left. */
  delivered(publication: number): Promise<void> {
    return this.#deliveries.delivered(publication)
  }

  /** Sends a control that starts something. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    for (const link of this.#links) link.send(bytes)
  }

  /** Sends a control behind what a stream has waiting. */
  sendTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    for (const link of this.#links) link.sendTo(stream, bytes)
  }

  /** Sends a control behind what these streams have waiting. */
  sendAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    for (const link of this.#links) link.sendAfter(streams, bytes)
  }

  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): void {
    for (const link of this.#links) link.sendChunk(stream, chunk, terms)
  }

  /** What waits at most, of these streams, on any link. */
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

  /** Settles when some of what waited was sent, or nobody waits for it any more. */
  async drained(): Promise<void> {
    if (this.hasReceivers) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  /** Some of what waited on a link was sent; for the links. */
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

  /** Calls back so many seconds later, unless it is closed before; keeps no program running. */
  after(seconds: number, callback: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      callback()
    }, seconds * 1000)
    this.#timers.add(timer)
    // Only outside of browsers is there anything to keep running.
    const { unref } = timer as unknown as { unref?: () => void }
    unref?.call(timer)
  }

  /** Nothing more will be sent. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#links.clear()
    this.#away.clear()
    this.#forget()
    this.#deliveries.close()
    this.drain()
  }

  /** Tells a peer that comes back what there still is of what it knows. */
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

  /** simple-peer refuses a track that was removed from the same stream before. */
  #tryAddMedia(publication: Announced, track: MediaStreamTrack, link: Receiver): void {
    try {
      link.addMedia(track, publication.mediaStream as MediaStream)
    } catch (error) {
      publication.fail(error as Error)
    }
  }
}
