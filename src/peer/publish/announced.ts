import type { Receiver } from '../link/mod.ts'

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
  /** Bytes in the histories of ended streams. */
  readonly endedBytes: number
  /** Returns the numbers of the streams to announce to a receiver. */
  streamsFor(wanted: Wanted): number[]
  /** Announces those streams to a link, and sends their past. */
  announce(link: Receiver, wanted: Wanted): void
  /** Sends its audio and video over a link. */
  addMediaTo(link: Receiver): void
  /** A link is gone, and its peer may come back. */
  leave(link: Receiver): void
  /** The peer of that link is back, or will not come back. */
  return(link: Receiver): void
  /** No receiver is left that could request ended streams: removes their histories. */
  forget(): void
}
