import type { Info } from '../../protocol/both-ends.ts'
import type { ClockState } from '../../streams/mod.ts'
import type { LinkStats, Recovered, Recovering } from '../link/mod.ts'
import type { RemoteStream, RemoteStreamStats } from '../receive/mod.ts'
import type { TypedTarget } from '../shared/mod.ts'
import type { VerifiedIdentity } from '../signaling/mod.ts'

/** The events of a peer. */
export interface RemotePeerEvents {
  /** The first link is open. Later ones emit `recovered`. */
  connect: Event
  /** The peer has left the room, or its link is closed for good. */
  close: Event
  /** The peer publishes a stream that is not known yet. */
  stream: CustomEvent<RemoteStream>
  /** A stream that is known already continues at this peer: its publisher reloaded the page or received another id. */
  resumed: CustomEvent<RemoteStream>
  /** A stream has ended. */
  streamend: CustomEvent<RemoteStream>
  /** The link is lost. The detail has the next recovery step. */
  recovering: CustomEvent<Recovering>
  /** An ICE restart (RFC 8445) found another route for the link. No data was lost. */
  restarted: Event
  /** The link now uses a TURN server (RFC 8656). */
  relayed: Event
  /** The link works again. Reliable streams continue at the next sample. */
  recovered: CustomEvent<Recovered>
  /** Why no link can open, or how the peer broke the protocol. */
  error: CustomEvent<Error>
}

/** The link's statistics, and the totals of all streams that the peer has or had. */
export interface RemotePeerStats extends LinkStats, RemoteStreamStats {
  /** The same count as `RemotePeer.ignored`. */
  ignored: number
}

/** Another user in the room. It exists while both are there, over one RTCPeerConnection (W3C WebRTC) after another. */
export interface RemotePeer extends TypedTarget<RemotePeerEvents> {
  /** The peer's id. It changes after a fresh start of the peer's session. */
  readonly id: number
  /** What the peer says about itself, such as `{ name: 'Ada' }`. The server does not check it. */
  readonly info: Info
  /** Who the peer is, as the server has verified it; undefined if it has not, as on an open server. */
  readonly identity: VerifiedIdentity | undefined
  /** The state of the link. `closed` is final. */
  readonly state: 'connecting' | 'connected' | 'recovering' | 'closed'
  /** Whether the link uses a TURN server. */
  readonly relayed: boolean
  /** The peer's current streams, by id. */
  readonly streams: ReadonlyMap<string, RemoteStream>
  /** The peer's clock minus this user's, with an error bound. Both count seconds since 1970 and are never adjusted. */
  readonly clock: ClockState
  /** Counts messages about unknown streams, controls over their limit, unusable signals and invalid clock probes. */
  readonly ignored: number

  /**
   * Reads what the link buffers for the peer, what the peer has sent, and the quality of the link (W3C Identifiers for
   * WebRTC's Statistics API). Times are in seconds.
   *
   * @returns undefined while no link is open
   *
   * @example
   * ```ts
   * import type { RemotePeer } from 'datastreams-webrtc/peer'
   *
   * export async function report(peer: RemotePeer): Promise<void> {
   *   const stats = await peer.stats()
   *   if (stats !== undefined) console.log(stats.roundTrip, stats.relayed ? 'relayed' : 'direct', stats.missed)
   * }
   * ```
   */
  stats(): Promise<RemotePeerStats | undefined>

  /** Closes the link for good. The peer stays in the room, and starts no other link. */
  close(): void
}
