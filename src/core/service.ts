import { checkRequest, isRelayName, randomId, SignalError } from '../protocol/mod.ts'
import { infoOf, type Message, relayValue } from './delivery/mod.ts'
import type { Received } from './dispatcher.ts'
import { drainUsers } from './drain.ts'
import { makeParts, type Parts } from './parts.ts'
import type { Asker, Room } from './rooms/mod.ts'
import {
  type Counts,
  count,
  type DataType,
  defaultLimits,
  type IceAnswer,
  type Identity,
  type Limits,
  type MessageType,
  NOBODY,
  noCounts,
  type RoomInfo,
  type RoomSettings,
  type Transport,
  type UserType,
  type WebRTCServiceOptions,
} from './shared/mod.ts'

/**
 * The signaling service: users, rooms, and the relay of signals. Users that share a room exchange offers, answers and
 * candidates (RFC 8829) through it.
 *
 * The service has no sockets. The host passes each connection to `addUser` and each message to `onmessage`. When a
 * connection closes, it calls `removeUser`. When a connection is lost without a close, it calls `connectionLost`.
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
  /** All users by id: connected users, and disconnected users that can still resume. */
  readonly users: Map<number, UserType> = new Map()
  /** All rooms by uuid. */
  readonly rooms: Map<number, Room>
  /** What the service has done since its start. `/metrics` reports it. */
  readonly counts: Counts = noCounts()
  /** Whether the host has called `close`. */
  closed = false
  /** Whether `addUser` accepts users. `drain` and `close` set it to false. */
  accepting = true
  /** The limits in effect: the options' over the defaults. */
  readonly limits: Readonly<Limits>
  /** Whether a user must send a hello with a token before anything else. */
  readonly requiresToken: boolean

  readonly #parts: Parts

  /** Creates a service with no users and no rooms. */
  constructor(options: WebRTCServiceOptions = {}) {
    this.limits = { ...defaultLimits, ...options.limits }
    this.requiresToken = options.requireToken ?? false
    this.#parts = makeParts({ ...options, users: this.users, counts: this.counts, limits: this.limits })
    this.rooms = this.#parts.rooms.membership.rooms
  }

  /**
   * Adds a user for a connection, and sends the user the rooms that it may see.
   *
   * @param ws its `id` is the user's id; without one, the service sets a random id
   * @param auth the user's identity as the host has verified it; rooms are restricted by it
   * @param ice the ICE servers for `welcome`, as `iceServers` returns them; a user that must first show a token
   *   receives them in the answer to `hello` instead
   * @throws SignalError `server-full`; `forbidden` for an id in use; `unauthorized` for an expired identity;
   *   `bad-frame`
   */
  addUser(ws: Transport, auth: string | Identity, ice?: IceAnswer): void {
    // Disconnected sessions don't count against the user limit; otherwise nobody could resume on a full server.
    const connected = this.users.size - this.counts.waiting
    if (!this.accepting || connected >= this.limits.users) {
      if (this.accepting) count(this.counts.limited, 'users')
      throw new SignalError('server-full', `Cannot add a user: the server has ${connected} already`)
    }
    this.#parts.lifecycle.add(ws, auth, ice)
  }

  /** Removes a connection's user from every room and from the service. */
  removeUser(ws: Transport): void {
    this.#parts.buffers.closed(ws)
    const user = this.users.get(ws.id as number)
    // Compare the transport too: a connection refused for a duplicate id must not remove the user that owns the id.
    if (user?.ws === ws) this.#parts.lifecycle.remove(user)
  }

  /**
   * Handles a connection that was lost without a close. A user with a session keeps its id and its rooms for
   * `resumeGrace`, and can resume over another connection. Any other user is removed.
   */
  connectionLost(ws: Transport): void {
    this.#parts.buffers.closed(ws)
    const user = this.users.get(ws.id as number)
    if (user?.ws === ws) this.#parts.lifecycle.lose(user)
  }

  /**
   * Identifies a client without a connection, such as the sender of an HTTP request.
   *
   * @param known what the host has verified itself
   * @throws SignalError `unauthorized`, or the error that the host's `authenticate` throws
   */
  async identify(token?: string, known: string | Identity = ''): Promise<Asker> {
    return this.#parts.admission.identify(token, this.#parts.admission.stranger(known))
  }

  /** Returns the rooms that a client without a connection may see, within the limits of a listing. */
  publicRooms(asker: Asker = this.#parts.admission.stranger('')): RoomInfo[] {
    return this.#parts.rooms.listings.page(asker).rooms.map(infoOf)
  }

  /**
   * Returns ICE servers for a client without a connection; none for an unidentified client if a token is required.
   *
   * @param id the id that the TURN server's log shows for the client
   */
  async iceServers(asker: Asker = this.#parts.admission.stranger(''), id: number = randomId()): Promise<IceAnswer> {
    return asker.identity === NOBODY ? { iceServers: [] } : this.#parts.ice(id)
  }

  /** Returns all rooms, in their exported form, that pass the filter. */
  getRooms(filter: (arg: RoomInfo) => boolean): RoomInfo[] {
    return Array.from(this.rooms.values(), (room) => room.export()).filter((room) => filter(room))
  }

  /** Returns the rooms without `restrictions.users`, and the rooms whose `restrictions.users` contains `auth`. */
  getRoomsByAuth(auth: string): RoomInfo[] {
    return Array.from(this.rooms.values()).flatMap((room) => (room.allows(auth) ? [room.export()] : []))
  }

  /**
   * Runs one message from a user and answers its sender. A rejected message is answered too, and affects no other user.
   *
   * @param o text, bytes, or a parsed `{data: {cmd, data}, callbackId?}`; the service does not modify it
   * @returns the result that the sender receives
   * @throws SignalError if the service rejects the message
   */
  // biome-ignore lint/suspicious/noExplicitAny: matches the reference page; the type depends on the command
  async onmessage(o: string | Uint8Array | ArrayBuffer | MessageType, ws: Transport): Promise<any> {
    // Copy the bytes: `receive` writes into them, but they belong to the caller.
    const own = o instanceof Uint8Array ? new Uint8Array(o) : o instanceof ArrayBuffer ? new Uint8Array(o.slice(0)) : o
    return this.receive(own, ws).result
  }

  /**
   * Works like `onmessage`, but at once and without a copy: it relays a signal in the host's own bytes.
   *
   * @param message the service may write into its bytes and keep them, so the host must not use them again
   * @returns what the message was, and the result that the sender receives, or a promise of it
   * @throws SignalError if the service rejects the message
   */
  receive(message: Message, ws: Transport): Received {
    const user = this.users.get(ws.id as number)
    if (user === undefined) throw new SignalError('unauthorized', 'Cannot accept a message: its sender is not a user')
    return this.#parts.dispatcher.receive(message, user)
  }

  /**
   * Creates a room and notifies the users that may see it. Its owner does not enter it.
   *
   * @param origin the id of the room owner
   * @throws SignalError `unauthorized` if `origin` is no user; `server-full`; `forbidden`; `bad-frame`
   */
  async createRoom(settings: RoomSettings = {}, origin: number = 0): Promise<RoomInfo> {
    const user = this.#user(origin)
    return this.#parts.rooms.create(checkRequest('createroom', settings), user).export()
  }

  /**
   * Adds a user to a room. The service notifies each peer of the user, and the user of each peer.
   *
   * @param o `{data: {room: {uuid} | {name}, create?, info?}}`; with `create`, a missing room is created first
   * @returns the exported room
   * @throws SignalError `room-not-found`, `room-full`, `forbidden`, `server-full`
   */
  connect(o: DataType, origin: number): RoomInfo {
    return this.#parts.handlers.connect(checkRequest('connect', o.data), this.#user(origin))
  }

  /**
   * Removes a user from the room `o.data.uuid`, or from all its rooms if there is no data.
   *
   * @throws SignalError `not-in-room`
   */
  disconnect(o: DataType, origin: number): { cmd: string } {
    return this.#parts.handlers.disconnect(checkRequest('disconnect', o.data), this.#user(origin))
  }

  /**
   * Removes a peer from a room and notifies the rest. By default, the room is deleted after five minutes without peers.
   */
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
    if (!isRelayName(cmd)) {
      throw SignalError.badFrame('unknown-op', `Cannot relay a signal: cmd must be a relay: it is ${cmd}`)
    }
    this.#parts.relays.pass(cmd, this.#user(origin), destination, relayValue(cmd, origin, msg))
  }

  /** Updates `counts.queued`: connections send what they queue without telling the service. */
  measure(): void {
    this.#parts.buffers.measure()
  }

  /**
   * Stops accepting users, and closes the connections with 1012, one after the other. Clients then move to another
   * server without a rush.
   *
   * @param duration milliseconds over which the closes are spread evenly; less if there are few users
   */
  drain(duration: number): Promise<void> {
    this.accepting = false
    return drainUsers([...this.users.values()], duration, this.#parts.clock)
  }

  /** Closes every connection with 1001 and stops all timers. A host calls it before it stops. */
  close(): void {
    this.closed = true
    this.accepting = false
    this.#parts.lifecycle.close()
  }

  #user(origin: number): UserType {
    const user = this.users.get(origin)
    if (user === undefined) throw new SignalError('unauthorized', `Cannot act for ${origin}: it is not a user`)
    return user
  }
}
