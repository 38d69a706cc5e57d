import type { RelayName } from '../../protocol/both-ends.ts'
import type { Want } from '../wire/mod.ts'
import type { PreparedPeer } from './prepared-peer.ts'
import type { OpenLink } from './receiver.ts'
import type { Recovered, Recovering } from './recovery-events.ts'
import type { Wrtc } from './simple-peer.ts'

/** Callbacks of a link. */
export interface LinkHandlers {
  /**
   * Called for this side's first description.
   *
   * @param fingerprint the fingerprint in the other peer's description; undefined for an offer. Nothing has proved it yet
   * @returns the request that the description carries ahead of the `want` on the link; undefined for none
   */
  ahead(fingerprint: string | undefined): Want | undefined
  /** The other peer's first description carries its request. Its `want` on the link follows. */
  wantedAhead(want: Want): void
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

/** Options of one link. */
export interface LinkOptions extends LinkHandlers {
  /** The server's number of the pair. */
  number: number
  /** Which link of the pair this is, from 0. */
  attempt: number
  initiator: boolean
  /** The first link of the room takes its connection from here, if this side is the initiator. */
  prepared?: PreparedPeer | undefined
  rtc: RTCConfiguration
  wrtc: Wrtc | undefined
  signal(name: RelayName, body: Record<string, unknown>): void
}

/** Options of the links of one pair. */
export interface LinksOptions extends Omit<LinkHandlers, 'connected' | 'closed' | 'disconnected' | 'reconnected'> {
  /** The server's number of the pair. */
  number: number
  /** Whether this side creates the links. */
  initiator: boolean
  /** @returns the configuration of the next link */
  rtc(): RTCConfiguration
  /** See `LinkOptions`. */
  prepared?: PreparedPeer | undefined
  /** A link was lost: requests new TURN credentials, because the current ones may have expired. */
  renewRtc(): void
  wrtc: Wrtc | undefined
  signal(name: RelayName, body: unknown): void
  connected(link: OpenLink): void
  /** The link is closed. Another may follow. */
  lost(link: OpenLink): void
  recovering(detail: Recovering): void
  /** @param restarted whether an ICE restart found the new candidate pair */
  recovered(detail: Recovered, restarted: boolean): void
  /** The pair gets no other link. */
  failed(error: Error): void
}
