import { encodeValue, toJson } from '../../protocol/mod.ts'
import type { ListedRoom, Restrictions } from '../shared/mod.ts'
import type { Room } from './room.ts'

/** Characters of a peer's id in JSON at most, with its comma, and of the rest that all rooms have. */
const PEER_LENGTH = 17
const FRAME_LENGTH = 160

/**
 * What listings say of rooms, made once and kept until the room changes: whoever connects is told of a thousand rooms, of
 * which one has changed since somebody else was.
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

  /** Somebody has entered the room, or left it. */
  changed(room: Room): void {
    this.#listed.delete(room)
  }
}
