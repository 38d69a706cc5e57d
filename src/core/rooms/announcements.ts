import { type Addressed, event, type Outgoing } from '../delivery/mod.ts'
import type { FanOut } from '../fan-out/mod.ts'
import type { Clock, UserType } from '../shared/mod.ts'
import { maySee } from './access.ts'
import type { Listeners } from './listeners.ts'
import type { Room } from './room.ts'

/** Changes of one room within this many milliseconds are announced once. */
const TICK = 50

/** Bytes of `roomclosed` without its reason, as a JSON user receives it. */
const CLOSED_BYTES = 70

export interface AnnouncementsOptions {
  fanOut: FanOut
  listeners: Listeners
  clock: Clock
  /** Returns how many bytes a room's entry in a listing has. */
  bytesOf(room: Room): number
}

/** The changes of a room in this tick. */
interface Changes {
  /** The users that knew the room before. */
  knew: ReadonlySet<UserType>
  /** Bytes of the announcement that are paid. */
  owed: number
}

/**
 * Announces rooms to the listeners that may see them, and changes also to the peers in them. A change is announced at
 * the end of a tick, so that several cost as much as one. A new room and the end of a room are announced at once. So are
 * arrivals and departures of peers, which are not announced here: a newcomer may send an offer at once, and its peers
 * must know the link by then.
 */
export class Announcements {
  readonly #options: AnnouncementsOptions
  readonly #changes = new Map<Room, Changes>()
  #timer: unknown

  constructor(options: AnnouncementsOptions) {
    this.#options = options
  }

  /** Returns the users that events about the room go to: its peers, and the listeners that may see it. */
  audience(room: Room): Set<UserType> {
    const { listeners } = this.#options
    const audience = new Set(room.peers.values())
    for (const user of listeners) if (listeners.listens(user, room.name) && maySee(user, room)) audience.add(user)
    return audience
  }

  /** Announces a new room. The end of the room may have no payer, so its announcement is paid now. */
  added(room: Room, audience: ReadonlySet<UserType>): void {
    const { fanOut } = this.#options
    fanOut.deliverAll(toAll(audience, event('roomadded', room.export())))
    fanOut.owe(audience.size * CLOSED_BYTES)
  }

  /** Returns about how many bytes one more change sends, if the room's info then has so many. */
  bytesOfChange(room: Room, bytes: number): number {
    return this.audience(room).size * bytes - (this.#changes.get(room)?.owed ?? 0)
  }

  /** Returns about how many bytes the end of a room sends. */
  bytesOfEnd(room: Room, reason = ''): number {
    return this.informed(room).size * (CLOSED_BYTES + reason.length)
  }

  /** Changes a room. The change is announced at the end of the tick. */
  change(room: Room, change: () => void): void {
    const { fanOut, clock, bytesOf } = this.#options
    const changes = this.#changes.get(room) ?? { knew: this.audience(room), owed: 0 }
    change()
    const more = changes.knew.union(this.audience(room)).size * bytesOf(room) - changes.owed
    if (more > 0) {
      changes.owed += more
      fanOut.owe(more)
    }
    this.#changes.set(room, changes)
    this.#timer ??= clock.setTimeout(() => this.flush(), TICK)
  }

  /** Returns the users that know the room: its peers, and the listeners that have received it. */
  informed(room: Room): Set<UserType> {
    const changes = this.#changes.get(room)
    if (changes === undefined) return this.audience(room)
    const { listeners } = this.#options
    const informed = new Set(room.peers.values())
    for (const user of changes.knew) if (listeners.listens(user, room.name)) informed.add(user)
    return informed
  }

  /** @param informed the result of `informed` while the room still had its peers */
  closed(room: Room, reason: string | undefined, informed: ReadonlySet<UserType>): void {
    this.#changes.delete(room)
    this.#options.fanOut.deliverAll(toAll(informed, event('roomclosed', { uuid: room.uuid, reason })))
  }

  /** Announces all changes now. */
  flush(): void {
    const changes = [...this.#changes]
    this.clear()
    for (const [room, { knew }] of changes) this.#announce(room, knew)
  }

  clear(): void {
    this.#changes.clear()
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #announce(room: Room, knew: Changes['knew']): void {
    const { listeners } = this.#options
    const { paid } = this.#options.fanOut
    const [added, changed] = [event('roomadded', room.export()), event('roomchanged', room.export())]
    const closed = event('roomclosed', { uuid: room.uuid })
    const sees = this.audience(room)
    const listens = (user: UserType) => listeners.listens(user, room.name)
    paid.deliverAll([
      ...toAll(sees.intersection(knew), changed),
      // A peer that has joined meanwhile received the room with the answer.
      ...toAll([...sees.difference(knew)].filter(listens), added),
      ...toAll(
        [...knew].filter((user) => !sees.has(user) && listens(user)),
        closed,
      ),
    ])
  }
}

const toAll = (users: Iterable<UserType>, message: Outgoing): Addressed[] =>
  Array.from(users, (user) => [user, message])
