import type { RelayName, Restrictions, RoomInfo } from '../../protocol/mod.ts'
import type { Wrtc } from '../link/mod.ts'
import type { IceAnswer, Permissions } from '../signaling/mod.ts'
import type { RemotePeer } from './remote-peer.ts'

export interface MembershipEvents {
  peer: CustomEvent<RemotePeer>
  peerleave: CustomEvent<RemotePeer>
  /** One was taken out of the room, and by what: `close` follows. */
  removed: CustomEvent<Removed>
  /** One has left, or the connection to the server is gone. */
  close: Event
}

/** Why one is not in a room any more. */
export interface Removed {
  /**
   * `kicked` by the room's maker or an admin, `restricted` as one is not among those who may be in it any more, `token`
   * as one's own token does not permit it any more, or is another; `closed` as the room is.
   */
  code: string
  /** What who did it says. */
  reason: string
}

export interface MembershipOptions {
  room: RoomInfo
  /** One's own id. */
  id: number
  /** Of every link. */
  rtc: RTCConfiguration
  /** Asks the server for its ICE servers again. */
  iceServers(): Promise<IceAnswer>
  /** How long those in `rtc` are good for, in milliseconds. */
  expiresIn?: number | undefined
  /** What oneself may do, as the server says it now. */
  permissions(): Permissions
  /** Asks the server to do something to the room. */
  govern: Govern
  wrtc: Wrtc | undefined
  /** How many seconds to ask others for of what they have published already. */
  history: number
  signal(name: RelayName, peer: number, body: unknown): void
  /** Tells the server that one leaves. */
  leave(): Promise<void>
}

export interface Govern {
  close(reason: string | undefined): Promise<void>
  kick(peer: number, reason: string | undefined): Promise<void>
  restrict(restrictions: Restrictions): Promise<void>
}
