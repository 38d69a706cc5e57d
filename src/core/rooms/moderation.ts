import { type AnswerBodies, encodeValue, type RequestBodies, SignalError } from '../../protocol/mod.ts'
import { event } from '../delivery/mod.ts'
import type { FanOut } from '../fan-out/mod.ts'
import type { RoomInfo, UserType } from '../shared/mod.ts'
import { mayEnter, mayGovern, maySee } from './access.ts'
import { Room } from './room.ts'
import type { Rooms } from './rooms.ts'

export interface ModerationOptions {
  rooms: Rooms
  fanOut: FanOut
}

/** Why a user was removed from a room: by a moderator, by the room's restrictions, or by the user's own token. */
export type KickCode = 'kicked' | 'restricted' | 'token'

/** The actions of a room owner and of an admin. */
export class Moderation {
  readonly #options: ModerationOptions

  constructor(options: ModerationOptions) {
    this.#options = options
  }

  /**
   * Closes a room and removes all its peers.
   *
   * @throws SignalError `room-not-found`, `forbidden`, `rate-limited`
   */
  close({ uuid, reason }: RequestBodies['closeroom'], user: UserType): AnswerBodies['closeroom'] {
    const room = this.#governed(uuid, user)
    const { rooms, fanOut } = this.#options
    fanOut.spend(user, rooms.announcements.bytesOfEnd(room, reason), () => rooms.close(room, reason))
    return { cmd: 'roomclosed' }
  }

  /**
   * Removes a peer. It may rejoin unless the room is restricted.
   *
   * @throws SignalError `room-not-found`, `forbidden`, `peer-not-found`, `rate-limited`
   */
  kick({ uuid, peer, reason }: RequestBodies['kick'], user: UserType): null {
    const room = this.#governed(uuid, user)
    const found = room.peers.get(peer)
    if (found === undefined) throw new SignalError('peer-not-found', 'Cannot find the peer in the room')
    const { fanOut } = this.#options
    fanOut.spend(user, room.bytesOfDeparture(found), () => this.#remove(found, room, 'kicked', reason))
    return null
  }

  /**
   * Replaces a room's restrictions, and removes the peers that may no longer be in it. At the end of the tick it notifies
   * the peers and the listeners for whom something changed:
   *
   * - `roomchanged` if they could see the room and still can
   * - `roomadded` if they can see it now
   * - `roomclosed` if they can no longer see it
   *
   * A `max` below the number of peers removes nobody.
   *
   * @throws SignalError `room-not-found`, `forbidden`, `rate-limited`
   */
  restrict({ uuid, restrictions }: RequestBodies['restrict'], user: UserType): RoomInfo {
    const room = this.#governed(uuid, user)
    const { rooms, fanOut } = this.#options
    const bytes = encodeValue({ ...room.export(), restrictions }).length
    fanOut.spend(user, rooms.announcements.bytesOfChange(room, bytes), () =>
      rooms.announcements.change(room, () => {
        room.restrictions = { ...restrictions }
        for (const peer of [...room.peers.values()]) if (!mayEnter(peer, room)) this.#remove(peer, room, 'restricted')
      }),
    )
    return room.export()
  }

  /**
   * Removes a user from the rooms that its new token does not permit.
   *
   * @param everywhere whether to remove the user from all its rooms
   */
  review(user: UserType, everywhere: boolean): void {
    for (const room of [...this.#options.rooms.membership.of(user.uuid)]) {
      if (everywhere || !mayEnter(user, room)) this.#remove(user, room, 'token')
    }
  }

  #remove(peer: UserType, room: Room, code: KickCode, reason = ''): void {
    this.#options.fanOut.deliver(peer, event('kicked', { uuid: room.uuid, code, reason }))
    room.removePeer(peer.uuid)
  }

  #governed(uuid: number, user: UserType): Room {
    const room = this.#options.rooms.membership.rooms.get(uuid)
    if (room === undefined || !maySee(user, room)) throw Room.notFound()
    if (mayGovern(user, room)) return room
    throw new SignalError('forbidden', 'Cannot moderate the room: only its owner or an admin can', {
      reason: 'not-initiator',
    })
  }
}
