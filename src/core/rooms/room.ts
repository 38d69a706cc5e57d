import { isId, randomId, SignalError } from '../../protocol/mod.ts'
import { type Delivery, event, LocalDelivery } from '../delivery/mod.ts'
import {
  defaultLimits,
  type Info,
  type Restrictions,
  type RoomInfo,
  type RoomSettings,
  type UserType,
} from '../shared/mod.ts'
import { denials, mayEnter } from './access.ts'

/** What a room needs of the service around it. */
export interface RoomHost {
  delivery: Delivery
  /** The number of the next link; each pair of peers in a room gets one. */
  nextLink(): number
  /** Most peers, whatever the room's own `max` says. */
  peersPerRoom: number
  /** Called when somebody is inside, before anybody is told. */
  onentered?(room: Room, user: number): void
  /** Called when somebody is out, before anybody is told. */
  onleft?(room: Room, user: number): void
}

/**
 * Peers that may signal each other.
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
  readonly uuid: number = randomId()
  readonly name: string
  /** The id of the user that made the room; 0 for the host. */
  readonly initiator: number
  /** Who that is, where that is verified: the maker over whatever connection. */
  readonly maker: string | undefined
  /** Replaced as a whole, never written into: what is told of the room is kept until it is another. */
  restrictions: Readonly<Restrictions>
  readonly peers: Map<number, UserType> = new Map()
  readonly #host: RoomHost

  constructor(initiator: number, settings: RoomSettings = {}, host: RoomHost = standalone(), maker?: string) {
    this.name = settings.name ?? String(this.uuid)
    this.initiator = initiator
    this.maker = maker
    this.restrictions = { ...settings.restrictions }
    this.#host = host
  }

  get empty(): boolean {
    return this.peers.size === 0
  }

  /** Whether somebody with this verified `auth` may see and enter the room; its maker may. An empty one is nobody's. */
  allows(auth: string | undefined, uuid?: number): boolean {
    const { users } = this.restrictions
    return users === undefined || (!!auth && users.includes(auth)) || (isId(uuid) && uuid === this.initiator)
  }

  export(): RoomInfo {
    const { uuid, name, initiator, restrictions } = this
    return { uuid, name, initiator, restrictions: { ...restrictions }, peers: [...this.peers.keys()] }
  }

  /**
   * Lets a user in. Each peer already inside and the newcomer are told of each other; the newcomer is the initiator of
   * each of these links, so that one side alone makes an offer (RFC 8829, section 3.1: no glare).
   *
   * @throws SignalError `room-not-found` for somebody who may not see the room, `forbidden` for a peer that is in
   *   already, `room-full`
   */
  addPeer(user: UserType): void {
    this.check(user)
    const { delivery, nextLink, onentered } = this.#host
    const others = [...this.peers.values()]
    this.peers.set(user.uuid, user)
    onentered?.(this, user.uuid)
    for (const other of others) {
      const link = nextLink()
      const pair = { room: this.uuid, initiator: user.uuid, link }
      delivery.deliver(other, event('connect', { ...describe(user), ...denials(user.identity), ...pair }))
      delivery.deliver(user, event('connect', { ...describe(other), ...denials(other.identity), ...pair }))
    }
  }

  /** Refuses as `addPeer` does, and changes nothing. */
  check(user: UserType): void {
    if (!mayEnter(user, this)) throw Room.notFound()
    if (this.peers.has(user.uuid)) {
      throw new SignalError('forbidden', 'Cannot join the room as you are in it', { reason: 'already-in-room' })
    }
    const max = Math.min(this.restrictions.max ?? Number.POSITIVE_INFINITY, this.#host.peersPerRoom)
    if (this.peers.size < max) return
    const limit = max === this.restrictions.max ? undefined : 'peersPerRoom'
    throw new SignalError('room-full', `Cannot join the room as it is full: max is ${max}`, { limit })
  }

  /** Takes a peer out and tells the rest; does nothing for somebody who is not inside. */
  removePeer(uuid: number): void {
    const user = this.peers.get(uuid)
    if (user === undefined) return
    this.peers.delete(uuid)
    this.#host.onleft?.(this, uuid)
    const gone = event('disconnectPeer', { ...describe(user), room: this.uuid }, uuid)
    for (const other of this.peers.values()) this.#host.delivery.deliver(other, gone)
  }

  /** Takes everybody out, and tells nobody. */
  clear(): void {
    for (const uuid of [...this.peers.keys()]) {
      this.peers.delete(uuid)
      this.#host.onleft?.(this, uuid)
    }
  }

  /** One answer for a room that is not there and for one that the asker may not see. */
  static notFound(): SignalError {
    return new SignalError('room-not-found', 'Cannot find that room')
  }
}

const describe = ({ uuid, info }: UserType): { id: number; info: Info } => ({ id: uuid, info: info ?? {} })

/** A room of its own, without a service. */
function standalone(): RoomHost {
  let link = 0
  const { queuedBytes, peersPerRoom } = defaultLimits
  return {
    delivery: new LocalDelivery({ codec: 'msgpack', queuedBytes }),
    nextLink: () => ++link,
    peersPerRoom,
  }
}
