import type { Restrictions } from './requests.ts'

/** A room as everybody who may see it is told of it. */
export interface RoomInfo {
  uuid: number
  name: string
  /** Who made it; 0 where that was the server itself. */
  initiator: number
  restrictions: Restrictions
  /** The ids of those inside. */
  peers: number[]
}
