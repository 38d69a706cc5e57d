import type { RelayName, Restrictions, RoomInfo } from '../../protocol/mod.ts'
import type { Wrtc } from '../link/mod.ts'
import type { IceAnswer, Permissions, VerifiedIdentity } from '../signaling/mod.ts'
import type { RemotePeer } from './remote-peer.ts'

export interface MembershipEvents {
  peer: CustomEvent<RemotePeer>
  peerleave: CustomEvent<RemotePeer>
  /** The server removed this user from the room. `close` follows. */
  removed: CustomEvent<Removed>
  /** The membership has ended: by leaving, by removal, with the session, or after a failed rejoin. */
  close: Event
}

/** Why the server removed this user from a room. */
export interface Removed {
  /**
   * - `kicked`: the room owner or an admin removed the user;
   * - `restricted`: the room's new restrictions exclude the user;
   * - `token`: the user's newer token has other permissions, or does not permit the room;
   * - `closed`: the room owner or an admin closed the room.
   */
  code: string
  /** The moderator's text; may be empty. */
  reason: string
}

export interface MembershipOptions {
  room: RoomInfo
  /** This user's id. */
  id: number
  /** The configuration of every link. */
  rtc: RTCConfiguration
  /** Requests the ICE servers again. */
  iceServers(): Promise<IceAnswer>
  /** How long the credentials in `rtc` stay valid, in milliseconds; undefined if they never expire. */
  expiresIn?: number | undefined
  /** This user's current permissions. */
  permissions(): Permissions
  /** This user's own verified identity; undefined on an open server. */
  identity(): VerifiedIdentity | undefined
  /** Requests that moderate the room. */
  govern: Govern
  wrtc: Wrtc | undefined
  /** How many seconds of the past to request from the peers' reliable streams. */
  history: number
  signal(name: RelayName, peer: number, body: unknown): void
  /** Requests to leave the room. */
  leave(): Promise<void>
}

export interface Govern {
  close(reason: string | undefined): Promise<void>
  kick(peer: number, reason: string | undefined): Promise<void>
  restrict(restrictions: Restrictions): Promise<void>
}
