import type { LinkStats, Recovered, Recovering } from '../link/mod.ts'
import type { RemoteStream, RemoteStreamStats } from '../receive/mod.ts'

export interface RemotePeerEvents {
  connect: Event
  close: Event
  stream: CustomEvent<RemoteStream>
  /** A stream of somebody who was here before goes on: after a reload of their page, or under another id. */
  resumed: CustomEvent<RemoteStream>
  streamend: CustomEvent<RemoteStream>
  /** The link is lost, and this is done about it. */
  recovering: CustomEvent<Recovering>
  /** The connection found another way (ICE restart); nothing on it was lost. */
  restarted: Event
  /** What is sent goes over a TURN server from now on. */
  relayed: Event
  /** The link is well again; reliable streams go on where they were. */
  recovered: CustomEvent<Recovered>
  /** Why there will be no link, or what the peer sent that broke the rules. */
  error: CustomEvent<Error>
}

/** Of all streams that the peer has or had, together; and of the link. */
export interface RemotePeerStats extends LinkStats, RemoteStreamStats {
  /** As the peer's own. */
  ignored: number
}
