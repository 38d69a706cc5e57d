import type { RelayName } from '../../protocol/mod.ts'
import type { BufferLimits } from '../wire/mod.ts'
import type { LinkQuality } from './link-quality.ts'
import type { Wrtc } from './simple-peer.ts'

/** What comes of a link. */
export interface LinkHandlers {
  connected(): void
  /** There is no way to the other side at the moment; there is one again. */
  disconnected(): void
  reconnected(): void
  message(data: Uint8Array | string): void
  /** A message on the channel that neither orders nor repeats. */
  unordered(data: Uint8Array): void
  /** Some of what waited was sent. */
  drained(): void
  /** Probes can be sent from now on. */
  clockOpen(send: (bytes: Uint8Array<ArrayBuffer>) => void): void
  clockMessage(data: Uint8Array): void
  track(track: MediaStreamTrack, stream: MediaStream): void
  /** Called once; the error says why where another link would be no better. */
  closed(error: Error | undefined): void
}

export interface LinkOptions extends LinkHandlers {
  /** The server's number of the pair, and which of its links this is. */
  number: number
  attempt: number
  initiator: boolean
  rtc: RTCConfiguration
  wrtc: Wrtc | undefined
  signal(name: RelayName, body: Record<string, unknown>): void
}

/** Bytes that wait, and seconds since the oldest of them were made. */
export type Waiting = BufferLimits

export interface LinkStats extends LinkQuality {
  /** Bytes that wait to be sent, those inside of the channels included, and the age in s of the oldest chunk. */
  queuedBytes: number
  queueAge: number
  /** Messages that were not sent as the peer takes none so large (RFC 8841). */
  tooLarge: number
  /** Bytes that the ordered channel may hold at the moment; what is inside of it cannot be overtaken. */
  highMark: number
}
