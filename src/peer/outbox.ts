import type { Terms } from './delivery.ts'
import type { Link, Waiting } from './link.ts'
import type { OutgoingChunk } from './stream-queue.ts'

/** What an outbox knows of a publication. */
export interface Announced {
  /** Tells a link of it, and of the last so many seconds of it. */
  announce(link: Link, history: number): void
  readonly mediaStream: MediaStream | undefined
  /** Something could not be sent on one link. */
  fail(error: Error): void
}

/** All that one side publishes in a room, and the links it goes out on. */
export class Outbox {
  readonly #links = new Set<Link>()
  readonly #publications = new Set<Announced>()
  #waiters: (() => void)[] = []
  #number = 0

  /** Numbers for publications and streams; no number is used twice. */
  nextNumber(): number {
    return ++this.#number
  }

  get hasLinks(): boolean {
    return this.#links.size > 0
  }

  /** A link whose peer wants it gets what is published, with its last seconds, then whatever is sent from now on. */
  addLink(link: Link, history: number): void {
    for (const publication of this.#publications) publication.announce(link, history)
    this.#links.add(link)
    for (const publication of this.#publications) {
      for (const track of publication.mediaStream?.getTracks() ?? []) this.#tryAddMedia(publication, track, link)
    }
  }

  removeLink(link: Link): void {
    this.#links.delete(link)
    this.drain()
  }

  add(publication: Announced): void {
    this.#publications.add(publication)
    for (const link of this.#links) publication.announce(link, 0)
    for (const track of publication.mediaStream?.getTracks() ?? []) this.addMedia(publication, track)
  }

  remove(publication: Announced): void {
    this.#publications.delete(publication)
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

  /** What waits at most, of these streams, for anybody. */
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
    if (this.#links.size > 0) await new Promise<void>((resolve) => this.#waiters.push(resolve))
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

  /** simple-peer refuses a track that was removed from the same stream before. */
  #tryAddMedia(publication: Announced, track: MediaStreamTrack, link: Link): void {
    try {
      link.addMedia(track, publication.mediaStream as MediaStream)
    } catch (error) {
      publication.fail(error as Error)
    }
  }
}
