import type { OutgoingChunk } from '../channel/mod.ts'
import type { BufferLimits, Terms } from '../wire/mod.ts'
import type { LinkQuality } from './link-quality.ts'

/** A receiver of this side's publications: a peer over its link, or a local recording. */
export interface Receiver {
  /** Sends a control ahead of all chunks. */
  send(bytes: Uint8Array<ArrayBuffer>): void
  /** Sends a control after everything that the stream has queued. */
  sendTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void
  /** Sends a control after everything that these streams have queued. */
  sendAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void
  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): void
  /** @returns what a stream has buffered for this receiver */
  waiting(stream: number): Waiting
  /** @throws simple-peer's error for a track that was added to the same stream before */
  addMedia(track: MediaStreamTrack, stream: MediaStream): void
  removeMedia(track: MediaStreamTrack, stream: MediaStream): void
}

/** An open link to a peer of any version. */
export interface OpenLink extends Receiver {
  /** Fingerprint of the other peer's certificate. A connected link proves that the peer owns its key (RFC 8122). */
  readonly fingerprint: string | undefined
  /** @returns the buffers of all streams and the quality of the link; undefined once the link is closed */
  stats(): Promise<LinkStats | undefined>
}

/** Buffered bytes, and the age of the oldest in seconds. */
export type Waiting = BufferLimits

/** The buffers of a link and the quality of its connection, at one moment. */
export interface LinkStats extends LinkQuality {
  /** Bytes that wait to be sent, including those inside the data channels. */
  queuedBytes: number
  /** Age of the oldest waiting chunk, in seconds. */
  queueAge: number
  /** Messages that were not sent because they exceed the peer's maximum message size (RFC 8841). */
  tooLarge: number
  /** Bytes that the ordered channel may currently hold. Nothing can overtake the bytes inside the channel. */
  highMark: number
}
