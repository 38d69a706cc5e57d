import type { LinkStats, Recovered, Recovering } from '../link/mod.ts'
import type { RemoteStream, RemoteStreamStats } from '../receive/mod.ts'

export interface RemotePeerEvents {
  connect: Event
  close: Event
  stream: CustomEvent<RemoteStream>
  /** A known stream continues, after its publisher reloaded the page or received another id. */
  resumed: CustomEvent<RemoteStream>
  streamend: CustomEvent<RemoteStream>
  /** The link is lost. The detail has the next recovery step. */
  recovering: CustomEvent<Recovering>
  /** An ICE restart found another route for the link. No data was lost. */
  restarted: Event
  /** The link now uses a TURN server. */
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
