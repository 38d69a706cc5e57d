import type { IceAnswer, RelayName, Restrictions, RoomInfo } from '../../protocol/both-ends.ts'
import type { RecordingSupport } from '../internal/mod.ts'
import type { LegacyClients, PreparedPeer, Wrtc } from '../link/mod.ts'
import type { Permissions, VerifiedIdentity } from '../signaling/mod.ts'

/** Describes a room, and connects it to the session. */
export interface JoinedRoomOptions {
  room: RoomInfo
  /** This user's id. */
  id: number
  /** The configuration of every link. */
  rtc: RTCConfiguration
  /** The connection of the first link. */
  prepared: PreparedPeer
  /** Requests the ICE servers again. */
  iceServers(): Promise<IceAnswer>
  /** How long the credentials in `rtc` stay valid, in milliseconds; undefined if they never expire. */
  expiresIn?: number | undefined
  /** This user's current permissions. */
  permissions(): Permissions
  /** This user's own verified identity; undefined on an open server. */
  identity(): VerifiedIdentity | undefined
  moderation: Moderation
  wrtc: Wrtc | undefined
  legacyClients: LegacyClients | undefined
  recording: RecordingSupport | undefined
  /** How many seconds of the past to request from the peers' reliable streams. */
  history: number
  signal(name: RelayName, peer: number, body: unknown): void
  /** Requests to leave the room. */
  leave(): Promise<void>
}

/** Requests that moderate the room. */
export interface Moderation {
  close(reason: string | undefined): Promise<void>
  kick(peer: number, reason: string | undefined): Promise<void>
  restrict(restrictions: Restrictions): Promise<void>
}
