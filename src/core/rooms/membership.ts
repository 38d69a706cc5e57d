import type { Room } from './room.ts'

/** Records which users are in which rooms. Today all rooms are in this process. */
export interface Membership {
  readonly rooms: Map<number, Room>
  add(room: Room): void
  delete(room: Room): void
  clear(): void
  /** Returns the room's place in the order in which rooms were added. */
  numberOf(room: Room): number
  /** Returns the rooms of that name, oldest first. */
  named(name: string): Iterable<Room>
  /** Returns how many rooms an owner has. `maker` is the owner's verified `auth`, or its id without one. */
  madeBy(maker: string | number): number
  /** Returns the rooms that a user is in. */
  of(user: number): ReadonlySet<Room>
  entered(room: Room, user: number): void
  left(room: Room, user: number): void
  /** Returns whether two users are in a common room. */
  share(one: number, other: number): boolean
}

const none: ReadonlySet<Room> = new Set()

/** Membership in memory. No operation costs more than the number of rooms of the users concerned. */
export class LocalMembership implements Membership {
  readonly rooms: Map<number, Room> = new Map()
  readonly #numbers = new WeakMap<Room, number>()
  readonly #names = new Map<string, Set<Room>>()
  readonly #made = new Map<string | number, number>()
  readonly #joined = new Map<number, Set<Room>>()
  #last = 0

  add(room: Room): void {
    this.rooms.set(room.uuid, room)
    this.#numbers.set(room, ++this.#last)
    put(this.#names, room.name, room)
    this.#made.set(makerOf(room), this.madeBy(makerOf(room)) + 1)
  }

  delete(room: Room): void {
    this.rooms.delete(room.uuid)
    drop(this.#names, room.name, room)
    const made = this.madeBy(makerOf(room)) - 1
    if (made > 0) this.#made.set(makerOf(room), made)
    else this.#made.delete(makerOf(room))
  }

  clear(): void {
    for (const map of [this.rooms, this.#names, this.#made, this.#joined]) map.clear()
  }

  numberOf(room: Room): number {
    return this.#numbers.get(room) ?? 0
  }

  named(name: string): Iterable<Room> {
    return this.#names.get(name) ?? none
  }

  madeBy(maker: string | number): number {
    return this.#made.get(maker) ?? 0
  }

  of(user: number): ReadonlySet<Room> {
    return this.#joined.get(user) ?? none
  }

  entered(room: Room, user: number): void {
    put(this.#joined, user, room)
  }

  left(room: Room, user: number): void {
    drop(this.#joined, user, room)
  }

  share(one: number, other: number): boolean {
    for (const room of this.of(one)) if (room.peers.has(other)) return true
    return false
  }
}

const makerOf = ({ maker, initiator }: Room): string | number => maker ?? initiator

function put<Key>(map: Map<Key, Set<Room>>, key: Key, room: Room): void {
  const rooms = map.get(key)
  if (rooms === undefined) map.set(key, new Set([room]))
  else rooms.add(room)
}

function drop<Key>(map: Map<Key, Set<Room>>, key: Key, room: Room): void {
  const rooms = map.get(key)
  if (rooms?.delete(room) && rooms.size === 0) map.delete(key)
}
