import type { RelayName } from '../../protocol/mod.ts'
import type { BufferLimits } from '../wire/mod.ts'
import type { LinkQuality } from './link-quality.ts'
import type { Wrtc } from './simple-peer.ts'

/** Callbacks of a link. */
export interface LinkHandlers {
  connected(): void
  /** No candidate pair works at the moment. */
  disconnected(): void
  /** A candidate pair works again. */
  reconnected(): void
  message(data: Uint8Array | string): void
  /** A message arrived on the channel that is unordered and without retransmission. */
  unordered(data: Uint8Array): void
  /** Some queued bytes were sent. */
  drained(): void
  /** The clock channel is open: `send` works from now on. */
  clockOpen(send: (bytes: Uint8Array<ArrayBuffer>) => void): void
  clockMessage(data: Uint8Array): void
  track(track: MediaStreamTrack, stream: MediaStream): void
  /** Called once. `error` is set if another link would fail too. */
  closed(error: Error | undefined): void
}

export interface LinkOptions extends LinkHandlers {
  /** The server's number of the pair. */
  number: number
  /** Which link of the pair this is, from 0. */
  attempt: number
  initiator: boolean
  rtc: RTCConfiguration
  wrtc: Wrtc | undefined
  signal(name: RelayName, body: Record<string, unknown>): void
}

/** Buffered bytes, and the age of the oldest in seconds. */
export type Waiting = BufferLimits

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
