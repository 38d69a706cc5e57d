import { encodeValue, toJson } from '../../protocol/mod.ts'
import type { ListedRoom, Restrictions } from '../shared/mod.ts'
import type { Room } from './room.ts'

/** Upper bounds in characters of JSON: a peer's id with its comma, and the fields that every room has. */
const PEER_LENGTH = 17
const FRAME_LENGTH = 160

/**
 * Caches the listing entry of each room until the room changes. A listing names up to a thousand rooms, and few of them
 * change between two listings.
 */
export class ListedRooms {
  readonly #listed = new WeakMap<Room, ListedRoom & { restrictions: Restrictions }>()

  of(room: Room): ListedRoom {
    const { name, restrictions, peers } = room
    const known = this.#listed.get(room)
    if (known?.restrictions === restrictions) return known
    const info = room.export()
    for (const part of [info, info.peers, info.restrictions]) Object.freeze(part)
    const length = FRAME_LENGTH + toJson({ name, restrictions }).length + peers.size * PEER_LENGTH
    const listed = { info, encoded: encodeValue(info), length, restrictions }
    this.#listed.set(room, listed)
    return listed
  }

  /** Drops the cached entry after a user has entered or left the room. */
  changed(room: Room): void {
    this.#listed.delete(room)
  }
}
