import type { ListingRequest } from '../../protocol/mod.ts'
import type { FanOut } from '../fan-out/mod.ts'
import type { Limits, ListedRoom, UserType } from '../shared/mod.ts'
import { type Asker, maySee } from './access.ts'
import type { Announcements } from './announcements.ts'
import type { ListedRooms } from './listed-rooms.ts'
import type { Listeners } from './listeners.ts'
import type { Membership } from './membership.ts'
import type { Room } from './room.ts'

export interface ListingsOptions {
  membership: Membership
  listed: ListedRooms
  listeners: Listeners
  announcements: Announcements
  fanOut: FanOut
  limits: Pick<Limits, 'listedLength' | 'listedRooms'>
}

/** A part of a listing. */
export interface Page {
  rooms: ListedRoom[]
  /** Upper bound of its length as JSON, in characters. */
  length: number
  /** The last room's place in the order of rooms, if there are more. */
  next?: number
}

/** Lists the rooms that users may see, the oldest first, and subscribes users to announcements. */
export class Listings {
  readonly #options: ListingsOptions

  constructor(options: ListingsOptions) {
    this.#options = options
  }

  /** Returns rooms that a user, or a client without a connection, may see. */
  page(asker: Asker, { prefix = '', after = 0 }: ListingRequest = {}): Page {
    const { membership, listed, limits } = this.#options
    const page: Page = { rooms: [], length: 0 }
    let last: Room | undefined
    for (const room of membership.rooms.values()) {
      if (membership.numberOf(room) <= after || !room.name.startsWith(prefix) || !maySee(asker, room)) continue
      const entry = listed.of(room)
      // Bound the length. Otherwise a request of a few bytes could cause an answer of hundreds of megabytes.
      const isFull = page.rooms.length >= limits.listedRooms || page.length + entry.length > limits.listedLength
      if (isFull && last !== undefined) return { ...page, next: membership.numberOf(last) }
      page.rooms.push(entry)
      page.length += entry.length
      last = room
    }
    return page
  }

  /**
   * Answers a request for a listing. It may subscribe the user to announcements, or end a subscription.
   *
   * @throws SignalError `rate-limited`, `server-full`, `forbidden`
   */
  request(user: UserType, request: ListingRequest): Page {
    const { listeners, announcements, fanOut } = this.#options
    const { subscribe, prefix } = request
    if (subscribe === false) {
      listeners.remove(user, prefix)
      return { rooms: [], length: 0 }
    }
    // The listing has the changes of this tick, so announce them first.
    if (subscribe === true) announcements.flush()
    const page = this.page(user, request)
    fanOut.check(user, page.length)
    if (subscribe === true) listeners.add(user, prefix ?? '')
    return page
  }

  /**
   * Returns the rooms that a JSON user receives without a request, as before version 1. From then on it receives
   * announcements.
   */
  introduce(user: UserType): ListedRoom[] {
    const { listeners, announcements, fanOut } = this.#options
    announcements.flush()
    listeners.admit(user)
    const { rooms, length } = this.page(user)
    return fanOut.affords(user, length) ? rooms : []
  }
}
