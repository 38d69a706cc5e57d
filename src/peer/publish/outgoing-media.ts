import type { Receiver } from '../link/mod.ts'
import type { Outbox } from './outbox.ts'

/** The audio and video of a publication. Links carry them as WebRTC media. */
export class OutgoingMedia {
  /** Holds the tracks. Undefined if the source has none, or outside browsers. */
  readonly stream: MediaStream | undefined
  readonly #outbox: Outbox
  readonly #fail: (error: Error) => void

  /** @param fail emits an error: one link could not send a track */
  constructor(stream: MediaStream | undefined, outbox: Outbox, fail: (error: Error) => void) {
    this.stream = stream
    this.#outbox = outbox
    this.#fail = fail
  }

  get tracks(): MediaStreamTrack[] {
    return this.stream?.getTracks() ?? []
  }

  /** Sends all tracks over a link. */
  addTo(link: Receiver): void {
    for (const track of this.tracks) this.#tryAdd(link, track)
  }

  /** Sends a track over every link. */
  addToAll(track: MediaStreamTrack): void {
    for (const link of this.#outbox.links) this.#tryAdd(link, track)
  }

  /** Stops sending a track. */
  removeFromAll(track: MediaStreamTrack): void {
    if (this.stream !== undefined) for (const link of this.#outbox.links) link.removeMedia(track, this.stream)
  }

  /** simple-peer throws for a track that was removed from the same stream before. */
  #tryAdd(link: Receiver, track: MediaStreamTrack): void {
    try {
      link.addMedia(track, this.stream as MediaStream)
    } catch (error) {
      this.#fail(error as Error)
    }
  }
}
