import { checkRequest, isRelayOp, Op, type RelayName, randomId, SignalError, VERSION } from '../protocol/mod.ts'
import { type Codec, codecOf, event, infoOf, listing, type Message, relayValue } from './delivery/mod.ts'
import { drainUsers } from './drain.ts'
import type { IceAnswer } from './ice.ts'
import { makeParts, type Parts } from './parts.ts'
import type { Asker, Room } from './rooms/mod.ts'
import {
  type Clock,
  type Counts,
  count,
  type DataType,
  defaultLimits,
  type Identity,
  ignoreEvent,
  type Limits,
  type MessageType,
  NOBODY,
  noCounts,
  type OnEvent,
  type RoomInfo,
  type RoomSettings,
  systemClock,
  type Transport,
  type UserType,
  type WebRTCServiceOptions,
} from './shared/mod.ts'
import { newUser, removeUnreachable } from './users/mod.ts'

/**
 * The signaling half of a peer-to-peer data platform: users, the rooms they meet in, and the offers, answers and
 * candidates (RFC 8829) that pass between those who share a room.
 *
 * It knows no sockets: a host gives each connection to `addUser`, each message to `onmessage`, and calls `removeUser`
 * when the connection closes, or `connectionLost` where it was not closed but cut.
 *
 * @example
 * ```ts
 * import { WebRTCService } from 'datastreams-webrtc'
 *
 * const service = new WebRTCService({ codec: 'json' })
 * const ws = { id: 1, send: (text: string | Uint8Array) => console.log(text) }
 * service.addUser(ws, 'ada') // {"cmd":"rooms","data":[],"service":"webrtc"}
 * await service.onmessage({ data: { cmd: 'connect', data: { room: { name: 'lab' }, create: true } } }, ws)
 * ```
 */
export class WebRTCService {
  /** Everyone connected, and everyone kept for a new connection, by id. */
  readonly users: Map<number, UserType> = new Map()
  /** Every room, by its uuid. */
  readonly rooms: Map<number, Room>
  readonly counts: Counts = noCounts()
  /** Whether `close` was called. */
  closed = false
  /** Whether users are added: until `drain` or `close`. */
  accepting = true
  readonly limits: Readonly<Limits>
  /** Whether nobody may do anything before a hello with a token. */
  readonly requiresToken: boolean

  readonly #codec: Codec
  readonly #clock: Clock
  readonly #onevent: OnEvent
  readonly #parts: Parts

  constructor(options: WebRTCServiceOptions = {}) {
    const { users, counts } = this
    this.#codec = options.codec ?? 'msgpack'
    this.#clock = options.clock ?? systemClock
    this.#onevent = options.onevent ?? ignoreEvent
    this.limits = { ...defaultLimits, ...options.limits }
    this.requiresToken = options.requireToken ?? false
    this.#parts = makeParts({
      ...options,
      users,
      counts,
      limits: this.limits,
      onlost: (user, result) => {
        const { sessions } = this.#parts
        removeUnreachable({ users, counts, sessions, forget: (user) => this.#forget(user) }, user, result)
      },
      onover: (user) => this.#forget(user),
      onended: (user, code, reason) => this.#end(user, code, reason),
      ondismissed: (user) => this.#forget(user),
    })
    this.rooms = this.#parts.rooms.membership.rooms
  }

  /**
   * Registers a connection, which then gets the rooms it may see.
   *
   * @param ws given a random `id` if it has none
   * @param auth the user's identity as the host has verified it; rooms restrict by it
   * @param ice what `welcome` says of ICE servers, as `iceServers` gives it; somebody who has to show a token learns
   *   it by the answer to `hello`
   * @throws SignalError `server-full`; `forbidden` for an id that is in use; `unauthorized` for an identity that is over
   */
  addUser(ws: Transport, auth: string | Identity, ice?: IceAnswer): void {
    // Who waits for a new connection takes no place from those that make one, or a full server could not be come back to.
    const connected = this.users.size - this.counts.waiting
    if (!this.accepting || connected >= this.limits.users) {
      if (this.accepting) count(this.counts.limited, 'users')
      throw new SignalError('server-full', `Cannot add a user as there are ${connected}`)
    }
    const user = newUser(ws, this.#parts.admission.stranger(auth), this.users)
    this.users.set(user.uuid, user)
    this.#parts.admission.await(user)
    this.#onevent({ name: 'user added', user: user.uuid })
    if (codecOf(ws, this.#codec) === 'msgpack') {
      const { frameBytes } = this.limits
      const told = user.identity === NOBODY || !ice?.iceServers.length ? {} : { ice }
      this.#parts.sessions.deliver(
        user,
        event('welcome', { version: VERSION, id: user.uuid, frameBytes, recovered: false, ...told }),
      )
    }
    this.#parts.sessions.deliver(user, listing(this.#parts.rooms.visibleTo(user)))
  }

  /** Takes a user out of every room and forgets it. */
  removeUser(ws: Transport): void {
    const user = this.users.get(ws.id as number)
    // Another's id is not enough: a connection that was refused as its id is in use must not take that user along.
    if (user?.ws === ws) this.#forget(user)
  }

  /**
   * For a connection that was cut and not closed: a user that asked for it keeps its id and its rooms for a while, and
   * comes back over another connection; any other is removed.
   */
  connectionLost(ws: Transport): void {
    const user = this.users.get(ws.id as number)
    if (user?.ws !== ws) return
    if (this.#parts.sessions.lose(user)) this.#onevent({ name: 'connection lost', user: user.uuid })
    else this.#forget(user)
  }

  /**
   * Who somebody without a connection is, such as by HTTP.
   *
   * @param known what the host has verified itself
   * @throws SignalError `unauthorized`; what the host's `authenticate` throws
   */
  async identify(token?: string, known: string | Identity = ''): Promise<Asker> {
    return this.#parts.admission.identify(token, this.#parts.admission.stranger(known))
  }

  /** The rooms that somebody without a connection may see, in the bounds of a listing. */
  publicRooms(asker: Asker = this.#parts.admission.stranger('')): RoomInfo[] {
    return this.#parts.rooms.visibleTo(asker).map(infoOf)
  }

  /**
   * The ICE servers for somebody without a connection; none on a server that wants a token, unless it is known who asks.
   *
   * @param id what the TURN server's log has for the asker
   */
  async iceServers(asker: Asker = this.#parts.admission.stranger(''), id: number = randomId()): Promise<IceAnswer> {
    return asker.identity === NOBODY ? { iceServers: [] } : this.#parts.ice(id)
  }

  /** The rooms, in their exported form, that pass the filter. */
  getRooms(filter: (arg: RoomInfo) => boolean): RoomInfo[] {
    return Array.from(this.rooms.values(), (room) => room.export()).filter((room) => filter(room))
  }

  /** The rooms that are open to all, and those whose `restrictions.users` names `auth`. */
  getRoomsByAuth(auth: string): RoomInfo[] {
    return Array.from(this.rooms.values()).flatMap((room) => (room.allows(auth) ? [room.export()] : []))
  }

  /**
   * Runs one message of a user and answers its sender; a refusal is an answer too, and nobody else notices.
   *
   * @param o text, bytes, or a parsed `{data: {cmd, data}, callbackId?}`; left as it is
   * @returns what the sender was answered
   * @throws SignalError where the command was refused
   */
  // biome-ignore lint/suspicious/noExplicitAny: as on the reference page; what it is depends on the command
  async onmessage(o: string | Uint8Array | ArrayBuffer | MessageType, ws: Transport): Promise<any> {
    // `receive` writes into its bytes, and these are the caller's.
    const own = o instanceof Uint8Array ? new Uint8Array(o) : o instanceof ArrayBuffer ? new Uint8Array(o.slice(0)) : o
    return this.receive(own, ws)
  }

  /**
   * `onmessage` for hosts that give the bytes away: a signal is forwarded in them, uncopied, and at once.
   *
   * @param message bytes that nobody else will use
   */
  receive(message: Message, ws: Transport): unknown {
    const user = this.users.get(ws.id as number)
    if (user === undefined) throw new SignalError('unauthorized', 'Cannot take a message as its sender was not added')
    return this.#parts.dispatcher.receive(message, user)
  }

  /**
   * Makes a room and tells those who may see it. Its maker is not put into it.
   *
   * @param origin the id of the user that makes it
   * @throws SignalError `unauthorized` where origin is no user, `server-full`
   */
  async createRoom(settings: RoomSettings = {}, origin: number = 0): Promise<RoomInfo> {
    const user = this.#user(origin)
    return this.#parts.rooms.create(checkRequest('createroom', settings), user).export()
  }

  /**
   * Puts a user into a room, and tells it and the peers inside of each other.
   *
   * @param o `{data: {room: {uuid} | {name}, create?, info?}}`; with `create` a room that is missing is made first
   * @returns the exported room
   * @throws SignalError `room-not-found`, `room-full`, `forbidden`, `server-full`
   */
  connect(o: DataType, origin: number): RoomInfo {
    return this.#parts.handlers.connect(checkRequest('connect', o.data), this.#user(origin))
  }

  /**
   * Takes a user out of the room `o.data.uuid`, or of every room where there is no data.
   *
   * @throws SignalError `not-in-room`
   */
  disconnect(o: DataType, origin: number): { cmd: string } {
    return this.#parts.handlers.disconnect(checkRequest('disconnect', o.data), this.#user(origin))
  }

  /** Takes a peer out of a room and tells the rest; a room still empty five minutes later is deleted. */
  removePeerFromRoom(room: Room, origin: number): void {
    room.removePeer(origin)
  }

  /**
   * Sends a signal to a user that shares a room with its origin.
   *
   * @param cmd `offer`, `answer`, `candidate`, `signal` or `data`
   * @throws SignalError `not-in-room`, `peer-not-found`, `rate-limited`
   */
  pass(cmd: string, origin: number, destination: number, msg: unknown): void {
    if (!Object.hasOwn(Op, cmd) || !isRelayOp(Op[cmd as RelayName])) {
      throw SignalError.badFrame('unknown-op', `Cannot pass a signal as cmd must be a relay: it is ${cmd}`)
    }
    this.#parts.relays.pass(
      cmd as RelayName,
      this.#user(origin),
      destination,
      relayValue(cmd as RelayName, origin, msg),
    )
  }

  /**
   * Adds nobody any more, and closes the connections one after the other with 1012, so that clients move to another
   * server without a rush.
   *
   * @param duration milliseconds, over which they are spread evenly; less where there are few
   */
  drain(duration: number): Promise<void> {
    this.accepting = false
    return drainUsers([...this.users.values()], duration, this.#clock)
  }

  /** Closes every connection with 1001 and stops the timers; for a host that is going away. */
  close(): void {
    this.closed = true
    this.accepting = false
    const users = [...this.users.values()]
    // First of all, so that nobody is told of each of the others.
    this.users.clear()
    this.#parts.rooms.clear()
    this.#parts.sessions.clear()
    this.#parts.admission.clear()
    for (const { ws } of users) ws.close?.(1001, 'Server going away')
  }

  #user(origin: number): UserType {
    const user = this.users.get(origin)
    if (user === undefined) throw new SignalError('unauthorized', `Cannot act for ${origin} as it is no user`)
    return user
  }

  #forget(user: UserType): void {
    this.users.delete(user.uuid)
    this.#onevent({ name: 'user removed', user: user.uuid })
    this.#parts.sessions.end(user)
    this.#parts.admission.release(user)
    this.#parts.rooms.leaveAll(user.uuid)
  }

  /** There is no coming back. */
  #end(user: UserType, code: number, reason: string): void {
    this.#forget(user)
    user.ws.close?.(code, reason)
  }
}
