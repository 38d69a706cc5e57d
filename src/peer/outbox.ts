import type { Link } from './link.ts'

/** What an outbox knows of a publication. */
export interface Announced {
  /** The messages that tell a new link of it. */
  announce(): Iterable<Uint8Array<ArrayBuffer>>
  readonly mediaStream: MediaStream | undefined
  /** Something could not be sent on one link. */
  fail(error: Error): void
}

/** All that one side publishes in a room, and the links it goes out on. */
export class Outbox {
  readonly #links = new Set<Link>()
  readonly #publications = new Set<Announced>()
  #number = 0

  /** Numbers for publications and streams; no number is used twice. */
  nextNumber(): number {
    return ++this.#number
  }

  get hasLinks(): boolean {
    return this.#links.size > 0
  }

  /** A link that just opened gets what is published, then whatever is sent from now on. */
  addLink(link: Link): void {
    this.#links.add(link)
    for (const publication of this.#publications) {
      for (const message of publication.announce()) link.send(message)
      for (const track of publication.mediaStream?.getTracks() ?? []) this.#tryAddMedia(publication, track, link)
    }
  }

  removeLink(link: Link): void {
    this.#links.delete(link)
  }

  add(publication: Announced): void {
    this.#publications.add(publication)
    for (const message of publication.announce()) this.send(message)
    for (const track of publication.mediaStream?.getTracks() ?? []) this.addMedia(publication, track)
  }

  remove(publication: Announced): void {
    this.#publications.delete(publication)
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    for (const link of this.#links) link.send(bytes)
  }

  /** @returns how many links had no room for the chunk */
  sendChunk(bytes: Uint8Array<ArrayBuffer>): number {
    let dropped = 0
    for (const link of this.#links) if (!link.sendChunk(bytes)) dropped++
    return dropped
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
