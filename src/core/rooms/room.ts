import { encodeValue, isId, type PeerArrival, randomId, SignalError } from '../../protocol/mod.ts'
import { type Addressed, event, LocalDelivery } from '../delivery/mod.ts'
import {
  defaultLimits,
  type Info,
  type Restrictions,
  type RoomInfo,
  type RoomSettings,
  type UserType,
} from '../shared/mod.ts'
import { denials, mayEnter, verified } from './access.ts'

/** What a room needs from the service. */
export interface RoomHost {
  /** Sends events to peers. @param bytes about how many bytes they have */
  send(events: readonly Addressed[], bytes: number): void
  /** Returns the number of the next link. Each pair of peers in a room has its own. */
  nextLink(): number
  /** Most peers in a room, even if its own `max` is higher. */
  peersPerRoom: number
  /** Called after a user has entered, before the room notifies the peers. */
  onentered?(room: Room, user: number): void
  /** Called after a user has left, before the room notifies the peers. */
  onleft?(room: Room, user: number): void
}

/**
 * A group of peers that may signal each other.
 *
 * @example
 * ```ts
 * import { Room } from 'datastreams-webrtc'
 *
 * const room = new Room(0, { name: 'lab', restrictions: { max: 2 } })
 * console.log(room.export().name, room.empty) // lab true
 * ```
 */
export class Room {
  /** The room's id, a random integer in 1..2^53−1. */
  readonly uuid: number = randomId()
  /** The name for people; the uuid in decimal if the settings have none. Other rooms may have the same name. */
  readonly name: string
  /** The id of the user that created the room; 0 for the host. */
  readonly initiator: number
  /** The owner's verified `auth`, if there is one. It identifies the owner over any connection. */
  readonly maker: string | undefined
  /** Immutable: replaced on change, because the cached listing entry is keyed by identity. */
  restrictions: Readonly<Restrictions>
  /** The users in the room, by id, in the order of their arrival. */
  readonly peers: Map<number, UserType> = new Map()
  readonly #host: RoomHost

  /**
   * Creates an empty room. `WebRTCService.createRoom` also adds it to a service and announces it.
   *
   * @param initiator the id of the user that creates the room; 0 for the host
   * @param settings the name and the restrictions. The room does not check them.
   * @param host the service; by default, the room is on its own and sends events itself
   * @param maker the owner's verified `auth`, if there is one
   */
  constructor(initiator: number, settings: RoomSettings = {}, host: RoomHost = standalone(), maker?: string) {
    this.name = settings.name ?? String(this.uuid)
    this.initiator = initiator
    this.maker = maker
    this.restrictions = { ...settings.restrictions }
    this.#host = host
  }

  /** Whether nobody is in the room. A service deletes an empty room after `emptyRoomTtl`. */
  get empty(): boolean {
    return this.peers.size === 0
  }

  /**
   * Returns whether a user with this verified `auth` may see and enter the room. The user that created the room
   * (`uuid`) always may. An empty `auth` matches nobody.
   */
  allows(auth: string | undefined, uuid?: number): boolean {
    const { users } = this.restrictions
    return users === undefined || (!!auth && users.includes(auth)) || (isId(uuid) && uuid === this.initiator)
  }

  /** Returns the room as users see it, in a new object. */
  export(): RoomInfo {
    const { uuid, name, initiator, restrictions } = this
    return { uuid, name, initiator, restrictions: { ...restrictions }, peers: [...this.peers.keys()] }
  }

  /**
   * Adds a user. The room notifies each peer of the newcomer, and the newcomer of each peer. The newcomer is the
   * initiator of all these links: only one side makes an offer, so there is no glare (RFC 8829, section 3.1).
   *
   * @throws SignalError `room-not-found` if the user may not see the room; `forbidden` if it is already in it;
   *   `room-full`
   */
  addPeer(user: UserType): void {
    this.check(user)
    const { nextLink, onentered } = this.#host
    const bytes = this.bytesOfArrival(user)
    const others = [...this.peers.values()]
    this.peers.set(user.uuid, user)
    onentered?.(this, user.uuid)
    const newcomer = introduce(user)
    const events = others.flatMap((other): Addressed[] => {
      const pair = { room: this.uuid, initiator: user.uuid, link: nextLink() }
      return [
        [other, event('connect', { ...newcomer, ...pair })],
        [user, event('connect', { ...introduce(other), ...pair })],
      ]
    })
    this.#host.send(events, bytes)
  }

  /** Returns about how many bytes the room sends when a user enters. */
  bytesOfArrival(user: UserType): number {
    let bytes = this.bytesOfDeparture(user)
    for (const other of this.peers.values()) bytes += bytesOf(other)
    return bytes
  }

  /** Returns about how many bytes the room sends when a user leaves. */
  bytesOfDeparture(user: UserType): number {
    return this.peers.size * bytesOf(user)
  }

  /** Throws the same errors as `addPeer`, but changes nothing. */
  check(user: UserType): void {
    if (!mayEnter(user, this)) throw Room.notFound()
    if (this.peers.has(user.uuid)) {
      throw new SignalError('forbidden', 'Cannot join the room: already a member', { reason: 'already-in-room' })
    }
    const max = Math.min(this.restrictions.max ?? Number.POSITIVE_INFINITY, this.#host.peersPerRoom)
    if (this.peers.size < max) return
    const limit = max === this.restrictions.max ? undefined : 'peersPerRoom'
    throw new SignalError('room-full', `Cannot join the room: it is full (max ${max})`, { limit })
  }

  /** Removes a peer and notifies the remaining peers. Does nothing if the user is not in the room. */
  removePeer(uuid: number): void {
    const user = this.peers.get(uuid)
    if (user === undefined) return
    this.peers.delete(uuid)
    this.#host.onleft?.(this, uuid)
    const gone = event('disconnectPeer', { ...describe(user), room: this.uuid }, uuid)
    const events = Array.from(this.peers.values(), (other): Addressed => [other, gone])
    this.#host.send(events, this.bytesOfDeparture(user))
  }

  /** Removes all peers without notifying anybody. */
  clear(): void {
    for (const uuid of [...this.peers.keys()]) {
      this.peers.delete(uuid)
      this.#host.onleft?.(this, uuid)
    }
  }

  /** Returns the error for a missing room. A hidden room has the same error, so that nobody can detect it. */
  static notFound(): SignalError {
    return new SignalError('room-not-found', 'Cannot find the room')
  }
}

/** Bytes of an event about a peer without its info and identity. */
const EVENT_BYTES = 75

const infoBytes = new WeakMap<Info, number>()

/** Returns about how many bytes an event about a user has. */
function bytesOf({ info = {}, identity }: UserType): number {
  let bytes = infoBytes.get(info)
  if (bytes === undefined) {
    bytes = encodeValue(info).length
    // An info is replaced on change.
    infoBytes.set(info, bytes)
  }
  return EVENT_BYTES + bytes + (identity?.auth.length ?? 0) + (identity?.name?.length ?? 0)
}

const introduce = (user: UserType): Omit<PeerArrival, 'room' | 'initiator' | 'link'> => ({
  ...describe(user),
  ...verified(user.identity),
  ...denials(user.identity),
})

const describe = ({ uuid, info }: UserType): { id: number; info: Info } => ({ id: uuid, info: info ?? {} })

/** The host of a room that belongs to no service. */
function standalone(): RoomHost {
  let link = 0
  const { queuedBytes, peersPerRoom } = defaultLimits
  const delivery = new LocalDelivery({ codec: 'msgpack', queuedBytes })
  return {
    send(events) {
      for (const [user, message] of events) delivery.deliver(user, message)
    },
    nextLink: () => ++link,
    peersPerRoom,
  }
}
