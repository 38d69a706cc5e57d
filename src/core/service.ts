import {
  checkRequest,
  isRelayOp,
  Op,
  type RelayName,
  type RequestBodies,
  type RequestName,
  SignalError,
  VERSION,
} from '../protocol/mod.ts'
import { type Counts, noCounts } from './counts.ts'
import { type Codec, codecOf, type Delivery, LocalDelivery } from './delivery.ts'
import { type Message, readIncoming, UnreadableRequest } from './incoming.ts'
import { defaultLimits, type Limits, systemClock, type WebRTCServiceOptions } from './options.ts'
import { answer, event, refusal, relayValue, type Ticket } from './outgoing.ts'
import { Relays } from './relays.ts'
import type { Room } from './room.ts'
import { Rooms } from './rooms.ts'
import type { DataType, MessageType, RoomInfo, RoomSettings, Transport, UserType } from './types.ts'
import { authOf, mergeInfo, newUser } from './users.ts'

/** A command's work: takes a checked body, returns what the sender is answered. */
type Handlers = { [Name in RequestName]: (body: RequestBodies[Name], user: UserType) => unknown }

/**
 * The signaling half of a peer-to-peer data platform: users, the rooms they meet in, and the offers, answers and
 * candidates (RFC 8829) that pass between those who share a room.
 *
 * It knows no sockets: a host gives each connection to `addUser`, each message to `onmessage`, and calls `removeUser`
 * when the connection closes.
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
  /** Everyone connected, by id. */
  readonly users: Map<number, UserType> = new Map()
  /** Every room, by its uuid. */
  readonly rooms: Map<number, Room>
  readonly counts: Counts = noCounts()
  /** Whether `close` was called; nobody is added any more. */
  closed = false

  readonly #options: WebRTCServiceOptions
  readonly #codec: Codec
  readonly #limits: Limits
  readonly #delivery: Delivery
  readonly #rooms: Rooms
  readonly #relays: Relays
  readonly #handlers: Handlers

  constructor(options: WebRTCServiceOptions = {}) {
    this.#options = options
    this.#codec = options.codec ?? 'msgpack'
    const limits = { ...defaultLimits, ...options.limits }
    this.#limits = limits
    const onrefused = (user: UserType, result: 'full' | 'failed') => this.#lose(user, result)
    const delivery = new LocalDelivery({ codec: this.#codec, queuedBytes: limits.queuedBytes, onrefused })
    this.#delivery = delivery
    const { users, counts } = this
    const { clock = systemClock, emptyRoomTtl } = options
    this.#rooms = new Rooms({ users, delivery, limits, clock, emptyRoomTtl })
    const { membership } = this.#rooms
    this.rooms = membership.rooms
    this.#relays = new Relays({ users, membership, delivery, counts })
    this.#handlers = {
      hello: (body, user) => this.#hello(body, user),
      rooms: (_, user) => ({ cmd: 'rooms', data: this.#rooms.visibleTo(user) }),
      createroom: (body, user) => this.#rooms.create(body, user).export(),
      connect: (body, user) => this.#connect(body, user),
      disconnect: (body, user) => this.#disconnect(body, user),
      info: (body, user) => mergeInfo(user, body),
      ice: () => ({ iceServers: options.iceServers ?? [] }),
    }
  }

  /**
   * Registers a connection, which then gets the rooms it may see.
   *
   * @param ws given a random `id` if it has none
   * @param auth the user's identity as the host has verified it; rooms restrict by it
   * @throws SignalError `server-full`; `forbidden` for an id that is in use
   */
  addUser(ws: Transport, auth: string): void {
    if (this.closed || this.users.size >= this.#limits.users) {
      throw new SignalError('server-full', `Cannot add a user as there are ${this.users.size}`)
    }
    const user = newUser(ws, auth, this.users)
    this.users.set(user.uuid, user)
    if (codecOf(ws, this.#codec) === 'msgpack') {
      const { frameBytes } = this.#limits
      this.#delivery.deliver(user, event('welcome', { version: VERSION, id: user.uuid, frameBytes, recovered: false }))
    }
    this.#delivery.deliver(user, event('rooms', this.#rooms.visibleTo(user)))
  }

  /** Takes a user out of every room and forgets it. */
  removeUser(ws: Transport): void {
    const user = this.users.get(ws.id as number)
    // Another's id is not enough: a connection that was refused as its id is in use must not take that user along.
    if (user?.ws !== ws) return
    this.users.delete(user.uuid)
    this.#rooms.leaveAll(user.uuid)
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
    this.counts.received++
    let ticket: Ticket = { seq: 0 }
    let peer: number | undefined
    try {
      const incoming = readIncoming(message, codecOf(ws, this.#codec), this.#limits.frameBytes)
      ticket = incoming.ticket
      if (incoming.kind !== 'request') {
        peer = incoming.peer
        this.#relays.forward(incoming, user)
        // As the service before version 1: a signal is acknowledged to those who ask.
        return ticket.callbackId === undefined ? undefined : this.#answer(user, ticket, null)
      }
      const { name, body } = incoming
      // Each handler takes what its own name's check returns, which a type cannot follow here.
      const result = this.#handlers[name](checkRequest(name, body) as never, user)
      if (!(result instanceof Promise)) return this.#answer(user, ticket, result)
      return result.then(
        (value) => this.#answer(user, ticket, value),
        (cause) => this.#refuse(user, ticket, cause),
      )
    } catch (cause) {
      if (cause instanceof UnreadableRequest) return this.#refuse(user, cause.ticket, cause.cause)
      return this.#refuse(user, ticket, cause, peer)
    }
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
    return this.#connect(checkRequest('connect', o.data), this.#user(origin))
  }

  /**
   * Takes a user out of the room `o.data.uuid`, or of every room where there is no data.
   *
   * @throws SignalError `not-in-room`
   */
  disconnect(o: DataType, origin: number): { cmd: string } {
    return this.#disconnect(checkRequest('disconnect', o.data), this.#user(origin))
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
    for (const { ws } of users) ws.close?.(1001, 'Server going away')
  }

  #hello({ token, info }: RequestBodies['hello'], user: UserType): unknown {
    const welcome = (auth: string | undefined) => {
      if (info !== undefined) mergeInfo(user, info)
      user.auth = auth
      return { id: user.uuid, recovered: false, rooms: this.#rooms.visibleTo(user) }
    }
    const auth = authOf(token, user, this.#options.authenticate)
    return auth instanceof Promise ? auth.then(welcome) : welcome(auth)
  }

  #connect(body: RequestBodies['connect'], user: UserType): RoomInfo {
    // The room's peers are told the newcomer's info, so it is merged first; a refusal takes it back.
    const before = user.info
    if (body.info !== undefined) mergeInfo(user, body.info)
    try {
      return this.#rooms.join(body, user).export()
    } catch (cause) {
      user.info = before
      throw cause
    }
  }

  #disconnect(body: RequestBodies['disconnect'], user: UserType): { cmd: string } {
    if (body?.uuid === undefined) this.#rooms.leaveAll(user.uuid)
    else {
      const room = this.rooms.get(body.uuid)
      if (!room?.peers.has(user.uuid)) throw new SignalError('not-in-room', 'Cannot leave a room that you are not in')
      room.removePeer(user.uuid)
    }
    return { cmd: 'roomclosed' }
  }

  #user(origin: number): UserType {
    const user = this.users.get(origin)
    if (user === undefined) throw new SignalError('unauthorized', `Cannot act for ${origin} as it is no user`)
    return user
  }

  #answer(user: UserType, ticket: Ticket, result: unknown): unknown {
    this.#delivery.deliver(user, answer(ticket, user.uuid, result))
    return result
  }

  /** Answers a refusal and throws it; what is no refusal is a fault of ours, and the host's to see. */
  #refuse(user: UserType, ticket: Ticket, cause: unknown, peer?: number): never {
    if (!(cause instanceof SignalError)) throw cause
    const { refused } = this.counts
    refused[cause.code] = (refused[cause.code] ?? 0) + 1
    this.#delivery.deliver(user, refusal(ticket, user.uuid, cause, peer))
    if (cause.code === 'frame-too-large') user.ws.close?.(1009, 'Message too large')
    else if (cause.reason === 'text-on-binary') user.ws.close?.(1003, 'Text on a binary connection')
    throw cause
  }

  /** A user that takes no more goes, behind the message at hand: who is being told of it need not know. */
  #lose(user: UserType, result: 'full' | 'failed'): void {
    queueMicrotask(() => {
      // Several messages may have been refused meanwhile; the user is lost, and counted, once.
      if (this.users.get(user.uuid) !== user) return
      this.removeUser(user.ws)
      this.counts[result === 'full' ? 'slow' : 'failed']++
      if (result === 'full') user.ws.close?.(1013, 'Too slow')
      else user.ws.close?.(1011, 'Cannot be sent to')
    })
  }
}
