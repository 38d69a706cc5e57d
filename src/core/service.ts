import { checkRequest, isRelayOp, Op, type RelayName, SignalError, VERSION } from '../protocol/mod.ts'
import { type Counts, count, noCounts } from './counts.ts'
import { type Codec, codecOf, LocalDelivery } from './delivery.ts'
import { Dispatcher } from './dispatcher.ts'
import type { Message } from './incoming.ts'
import {
  defaultLimits,
  defaultResumeGrace,
  type IceServer,
  type Limits,
  systemClock,
  type WebRTCServiceOptions,
} from './options.ts'
import { event, relayValue } from './outgoing.ts'
import { Rates } from './rates.ts'
import { Relays } from './relays.ts'
import { type RequestHandlers, requestHandlers } from './request-handlers.ts'
import type { Room } from './room.ts'
import { Rooms } from './rooms.ts'
import { Sessions } from './sessions.ts'
import type { DataType, MessageType, RoomInfo, RoomSettings, Transport, UserType } from './types.ts'
import { newUser } from './users.ts'

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
  /** Whether `close` was called; nobody is added any more. */
  closed = false
  readonly limits: Readonly<Limits>
  /** What the request `ice` answers. */
  readonly iceServers: readonly IceServer[]

  readonly #codec: Codec
  readonly #sessions: Sessions
  readonly #rooms: Rooms
  readonly #relays: Relays
  readonly #handlers: RequestHandlers
  readonly #dispatcher: Dispatcher

  constructor(options: WebRTCServiceOptions = {}) {
    const { codec = 'msgpack', clock = systemClock, emptyRoomTtl, iceServers = [] } = options
    const limits = { ...defaultLimits, ...options.limits }
    this.#codec = codec
    this.limits = limits
    this.iceServers = iceServers
    const { users, counts } = this
    const sessions = new Sessions({
      line: new LocalDelivery({
        codec,
        queuedBytes: limits.queuedBytes,
        counts,
        onrefused: (user, result) => this.#lose(user, result),
      }),
      clock,
      grace: options.resumeGrace ?? defaultResumeGrace,
      limits,
      counts,
      onfailed: (user) => this.#lose(user, 'failed'),
      onover: (user) => this.#forget(user),
    })
    this.#sessions = sessions
    this.#rooms = new Rooms({ users, delivery: sessions, limits, clock, emptyRoomTtl })
    const { membership } = this.#rooms
    this.rooms = membership.rooms
    this.#relays = new Relays({ users, membership, delivery: sessions, counts })
    this.#handlers = requestHandlers({ rooms: this.#rooms, iceServers, infoBytes: limits.infoBytes })
    this.#dispatcher = new Dispatcher({
      users,
      rooms: this.#rooms,
      relays: this.#relays,
      sessions,
      handlers: this.#handlers,
      rates: new Rates({ clock, limits }),
      codec,
      limits,
      counts,
      authenticate: options.authenticate,
      ondismissed: (user) => this.#forget(user),
    })
  }

  /**
   * Registers a connection, which then gets the rooms it may see.
   *
   * @param ws given a random `id` if it has none
   * @param auth the user's identity as the host has verified it; rooms restrict by it
   * @throws SignalError `server-full`; `forbidden` for an id that is in use
   */
  addUser(ws: Transport, auth: string): void {
    // Who waits for a new connection takes no place from those that make one, or a full server could not be come back to.
    const connected = this.users.size - this.counts.waiting
    if (this.closed || connected >= this.limits.users) {
      if (!this.closed) count(this.counts.limited, 'users')
      throw new SignalError('server-full', `Cannot add a user as there are ${connected}`)
    }
    const user = newUser(ws, auth, this.users)
    this.users.set(user.uuid, user)
    if (codecOf(ws, this.#codec) === 'msgpack') {
      const { frameBytes } = this.limits
      this.#sessions.deliver(user, event('welcome', { version: VERSION, id: user.uuid, frameBytes, recovered: false }))
    }
    this.#sessions.deliver(user, event('rooms', this.#rooms.visibleTo(user)))
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
    if (user?.ws === ws && !this.#sessions.lose(user)) this.#forget(user)
  }

  /** The rooms that somebody without a connection may see, in the bounds of a listing. */
  publicRooms(): RoomInfo[] {
    return this.#rooms.visibleTo({})
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
    return this.#dispatcher.receive(message, user)
  }

  /**
   * Makes a room and tells those who may see it. Its maker is not put into it.
   *
   * @param origin the id of the user that makes it
   * @throws SignalError `unauthorized` where origin is no user, `server-full`
   */
  async createRoom(settings: RoomSettings = {}, origin: number = 0): Promise<RoomInfo> {
    const user = this.#user(origin)
    return this.#rooms.create(checkRequest('createroom', settings), user).export()
  }

  /**
   * Puts a user into a room, and tells it and the peers inside of each other.
   *
   * @param o `{data: {room: {uuid} | {name}, create?, info?}}`; with `create` a room that is missing is made first
   * @returns the exported room
   * @throws SignalError `room-not-found`, `room-full`, `forbidden`, `server-full`
   */
  connect(o: DataType, origin: number): RoomInfo {
    return this.#handlers.connect(checkRequest('connect', o.data), this.#user(origin))
  }

  /**
   * Takes a user out of the room `o.data.uuid`, or of every room where there is no data.
   *
   * @throws SignalError `not-in-room`
   */
  disconnect(o: DataType, origin: number): { cmd: string } {
    return this.#handlers.disconnect(checkRequest('disconnect', o.data), this.#user(origin))
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
    this.#relays.pass(this.#user(origin), destination, relayValue(cmd as RelayName, origin, msg))
  }

  /** Closes every connection with 1001 and stops the timers; for a host that is going away. */
  close(): void {
    this.closed = true
    const users = [...this.users.values()]
    // First of all, so that nobody is told of each of the others.
    this.users.clear()
    this.#rooms.clear()
    this.#sessions.clear()
    for (const { ws } of users) ws.close?.(1001, 'Server going away')
  }

  #user(origin: number): UserType {
    const user = this.users.get(origin)
    if (user === undefined) throw new SignalError('unauthorized', `Cannot act for ${origin} as it is no user`)
    return user
  }

  #forget(user: UserType): void {
    this.users.delete(user.uuid)
    this.#sessions.end(user)
    this.#rooms.leaveAll(user.uuid)
  }

  /** A user that takes no more goes, behind the message at hand: who is being told of it need not know. */
  #lose(user: UserType, result: 'full' | 'failed'): void {
    const { ws } = user
    queueMicrotask(() => {
      // Several messages may have been refused meanwhile; the user is lost, and counted, once.
      if (this.users.get(user.uuid) !== user || user.ws !== ws) return
      if (result === 'full') {
        this.counts.slow++
        count(this.counts.limited, 'queuedBytes')
        this.#forget(user)
        return ws.close?.(1013, 'Too slow')
      }
      if (!this.#sessions.lose(user)) {
        this.counts.failed++
        this.#forget(user)
      }
      ws.close?.(1011, 'Cannot be sent to')
    })
  }
}
