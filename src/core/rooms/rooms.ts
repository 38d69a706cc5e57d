import { type RequestBodies, SignalError } from '../../protocol/mod.ts'
import type { FanOut } from '../fan-out/mod.ts'
import {
  type Clock,
  type Counts,
  defaultEmptyRoomTtl,
  type Limits,
  type OnEvent,
  type Restrictions,
  type RoomSettings,
  type UserType,
} from '../shared/mod.ts'
import { checkMayCreate, isMaker, mayEnter, sameRestrictions } from './access.ts'
import { Announcements } from './announcements.ts'
import { ListedRooms } from './listed-rooms.ts'
import { Listeners } from './listeners.ts'
import { Listings } from './listings.ts'
import { LocalMembership, type Membership } from './membership.ts'
import { Room, type RoomHost } from './room.ts'
import { RoomTimers } from './room-timers.ts'

export interface RoomsOptions {
  users: ReadonlyMap<number, UserType>
  fanOut: FanOut
  limits: Limits
  clock: Clock
  counts: Pick<Counts, 'announced' | 'limited'>
  /** How long an empty room stays, in milliseconds. */
  emptyRoomTtl?: number
  onevent: OnEvent
}

/** The result of a search for the room that a user wants to enter. */
interface Found {
  found?: Room
  /**
   * An abandoned room with the same name and restrictions, which a new room replaces. On an open server, an owner that
   * reloads its page has another id, and must not be locked out by the empty room that it has left behind.
   */
  replaces?: Room | undefined
}

/** The rooms of one service. It creates and announces them, and deletes rooms that stay empty. */
export class Rooms {
  readonly membership: Membership = new LocalMembership()
  readonly listeners: Listeners
  readonly announcements: Announcements
  readonly listings: Listings
  readonly #options: RoomsOptions
  readonly #host: RoomHost
  readonly #timers: RoomTimers
  readonly #listed = new ListedRooms()

  constructor(options: RoomsOptions) {
    const { fanOut, limits, clock, counts, emptyRoomTtl = defaultEmptyRoomTtl, onevent } = options
    this.#options = options
    const { membership } = this
    const listeners = new Listeners(limits.announcedUsers, counts)
    const bytesOf = (room: Room) => this.#listed.of(room).encoded.length
    const announcements = new Announcements({ fanOut, listeners, clock, bytesOf })
    this.listeners = listeners
    this.announcements = announcements
    this.listings = new Listings({ membership, listed: this.#listed, listeners, announcements, fanOut, limits })
    // Start link numbers at the time in µs, so that a restarted server continues above its earlier numbers.
    let link = clock.now() * 1_000
    this.#timers = new RoomTimers(clock, emptyRoomTtl, (room) => this.#delete(room))
    this.#host = {
      send: (events, bytes) => fanOut.deliverAll(events, bytes),
      nextLink: () => ++link,
      peersPerRoom: limits.peersPerRoom,
      onentered: (room, user) => {
        this.membership.entered(room, user)
        this.#listed.changed(room)
        this.#timers.stop(room)
        onevent({ name: 'room entered', room: room.uuid, user })
      },
      onleft: (room, user) => {
        this.membership.left(room, user)
        this.#listed.changed(room)
        if (room.empty) this.#timers.start(room)
        onevent({ name: 'room left', room: room.uuid, user })
      },
    }
  }

  create(settings: RoomSettings, user: UserType): Room {
    checkMayCreate(user, settings.name)
    const { rooms } = this.membership
    const { limits } = this.#options
    if (rooms.size >= limits.rooms) {
      throw new SignalError('server-full', `Cannot create a room: the server has ${rooms.size} already`, {
        limit: 'rooms',
      })
    }
    if (this.membership.madeBy(user.identity?.auth ?? user.uuid) >= limits.roomsMadePerUser) {
      const message = `Cannot create more than ${limits.roomsMadePerUser} rooms at a time`
      throw new SignalError('forbidden', message, { reason: 'too-many-rooms', limit: 'roomsMadePerUser' })
    }
    if ((settings.name?.length ?? 0) > limits.nameLength) {
      const message = `Cannot create a room: its name may have at most ${limits.nameLength} characters`
      throw new SignalError('bad-frame', message, { reason: 'wrong-type', limit: 'nameLength' })
    }
    const room = new Room(user.uuid, settings, this.#host, user.identity?.auth)
    const audience = this.announcements.audience(room)
    this.#options.fanOut.spend(user, audience.size * this.#listed.of(room).encoded.length, () => {
      this.membership.add(room)
      this.#timers.start(room)
      this.#options.onevent({ name: 'room made', room: room.uuid, user: user.uuid })
      this.announcements.added(room, audience)
    })
    return room
  }

  /**
   * Finds or creates a room and adds the user. If the user may not enter, no room is created.
   *
   * @throws SignalError `forbidden`, reason `restrictions-differ`, if the user asks for restrictions by name, and a room
   *   of that name has others or another owner
   */
  join({ room: wanted, create }: RequestBodies['connect'], user: UserType): Room {
    const { found, replaces } = this.#find(wanted, user)
    found?.check(user)
    const { roomsPerUser } = this.#options.limits
    if (this.membership.of(user.uuid).size >= roomsPerUser) {
      const message = `Cannot join more than ${roomsPerUser} rooms`
      throw new SignalError('forbidden', message, { reason: 'too-many-rooms', limit: 'roomsPerUser' })
    }
    // The service chooses uuids. A missing room that was requested by uuid cannot be created.
    if (found === undefined && !(create === true && wanted.uuid === undefined)) throw Room.notFound()
    if (found !== undefined) {
      this.#options.fanOut.spend(user, found.bytesOfArrival(user), () => found.addPeer(user))
      return found
    }
    const room = this.create(wanted, user)
    if (replaces !== undefined) this.#options.fanOut.charged(user, () => this.close(replaces))
    room.addPeer(user)
    return room
  }

  /** Removes a user from a room. It pays for that, even with what it does not have. */
  leave(user: UserType, room: Room): void {
    this.#options.fanOut.charged(user, () => room.removePeer(user.uuid))
  }

  leaveAll(user: UserType): void {
    for (const room of [...this.membership.of(user.uuid)]) this.leave(user, room)
  }

  /** Closes a room and notifies every user that knows it. Its peers receive no `disconnectPeer`. */
  close(room: Room, reason?: string): void {
    const informed = this.announcements.informed(room)
    room.clear()
    this.#timers.stop(room)
    this.membership.delete(room)
    this.#options.onevent({ name: 'room deleted', room: room.uuid })
    this.announcements.closed(room, reason, informed)
  }

  /** Removes every room and every listener without notifying anybody. */
  clear(): void {
    this.#timers.clear()
    this.membership.clear()
    this.announcements.clear()
    this.listeners.clear()
  }

  #find({ uuid, name, restrictions }: RequestBodies['connect']['room'], user: UserType): Found {
    if (uuid !== undefined) {
      // Ignore the restrictions: clients before version 1 send a room as it was listed.
      const room = this.membership.rooms.get(uuid)
      return room && mayEnter(user, room) ? { found: room } : {}
    }
    if (restrictions?.users !== undefined || restrictions?.max !== undefined) {
      return this.#findOwn(name as string, restrictions, user)
    }
    for (const room of this.membership.named(name as string)) if (mayEnter(user, room)) return { found: room }
    return {}
  }

  /** Finds the user's own room with these restrictions. Any other room of that name must not stand in for it. */
  #findOwn(name: string, restrictions: Restrictions, user: UserType): Found {
    let replaces: Room | undefined
    let isTaken = false
    for (const room of this.membership.named(name)) {
      if (!mayEnter(user, room)) continue
      // Compare the restrictions of the user's own rooms and of one more: they can be long.
      const isOwn = isMaker(user, room)
      const isCandidate = isOwn || (!isTaken && replaces === undefined && this.#isAbandoned(room))
      if (!isCandidate || !sameRestrictions(room.restrictions, restrictions)) isTaken = true
      else if (isOwn) return { found: room }
      else replaces = room
    }
    if (!isTaken) return { replaces }
    const message = 'Cannot join the room: another room of that name has other restrictions or another owner'
    throw new SignalError('forbidden', `${message}: choose another name`, { reason: 'restrictions-differ' })
  }

  /** Whether nobody is in the room, and nobody can own it any more. */
  #isAbandoned({ empty, maker, initiator }: Room): boolean {
    return empty && maker === undefined && !this.#options.users.has(initiator)
  }

  #delete(room: Room): void {
    if (room.empty) this.close(room)
  }
}
