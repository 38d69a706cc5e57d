import type { Restrictions } from './requests.ts'

/** A room, as each user that may see it receives it. */
export interface RoomInfo {
  uuid: number
  name: string
  /** The id of the user that created the room; 0 if the server did. */
  initiator: number
  restrictions: Restrictions
  /** The ids of the peers in the room. */
  peers: number[]
}
