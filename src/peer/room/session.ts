import { type EventOp, type Info, Op, type RoomInfo } from '../../protocol/mod.ts'
import type { Wrtc } from '../link/mod.ts'
import { emit, PeerError, type Timing, TypedEventTarget } from '../shared/mod.ts'
import {
  bodies,
  type CloseDetail,
  EVERYTHING,
  type Greeting,
  type Kicked,
  type OwnIdentity,
  type Reconnecting,
  Renewal,
  readBody,
  Signaling,
  type WebSocketConstructor,
} from '../signaling/mod.ts'
import type { JoinOptions } from './join-options.ts'
import type { Membership } from './membership.ts'
import { Memberships } from './memberships.ts'

export interface SessionEvents {
  /** The rooms that the user may see, after a fresh start. */
  rooms: CustomEvent<RoomInfo[]>
  roomadded: CustomEvent<RoomInfo>
  roomchanged: CustomEvent<RoomInfo>
  roomclosed: CustomEvent<{ uuid: number; reason?: string }>
  /** The connection is lost, or an attempt to reconnect failed. The detail has the reason and the next attempt. */
  reconnecting: CustomEvent<Reconnecting>
  /**
   * The session is connected again. If `recovered` is true, it resumed and neither side lost a message. Otherwise it
   * made a fresh start: the id changes, pending requests reject with `lost`, and the session rejoins its rooms.
   */
  resumed: CustomEvent<{ recovered: boolean }>
  /** The session has ended for good, and all its memberships with it. */
  close: CustomEvent<CloseDetail>
  /** The server rejected something or sent something invalid, or a rejoin failed. Only `close` ends the session. */
  error: CustomEvent<Error>
}

export interface SessionOptions {
  url: string
  Socket: WebSocketConstructor
  token: string | (() => string | Promise<string>) | undefined
  info: Info
  reconnect: boolean
  wrtc: Wrtc | undefined
  rtc: RTCConfiguration | undefined
  timing: Timing
}

/** A session with the server, created by `connect`. It outlives its connection. */
export class Session extends TypedEventTarget<SessionEvents> {
  info: Info
  readonly #signaling: Signaling
  readonly #memberships: Memberships
  readonly #renewable: boolean
  readonly #renewal: Renewal
  #identity: OwnIdentity | undefined
  #id = 0

  constructor(options: SessionOptions) {
    super()
    const { token, info, wrtc, rtc, timing } = options
    this.info = info
    this.#signaling = new Signaling({
      ...options,
      renewable: typeof token === 'function',
      hello: async () => ({ token: await tokenOf(token), info: this.info }),
      event: (op, body) => this.#event(op, body),
      relay: (name, origin, body) => this.#memberships.receive(name, origin, body),
      refused: (error) => emit(this, 'error', error),
      greeted: (answer) => this.#greeted(answer),
      reconnecting: (detail) => emit(this, 'reconnecting', detail),
      closed: (detail, error) => this.#end(detail, error),
    })
    this.#memberships = new Memberships({
      signaling: this.#signaling,
      wrtc,
      rtc,
      timing,
      permissions: () => this.#identity ?? EVERYTHING,
      identity: () => this.#identity,
      failed: (error) => emit(this, 'error', error),
    })
    this.#renewal = new Renewal({
      timing,
      renew: async () =>
        this.#known(readBody(bodies.hello, await this.#signaling.request('hello', { token: await tokenOf(token) }))),
      failed: (error) => emit(this, 'error', error),
    })
    this.#renewable = typeof token === 'function'
  }

  /** This user's id, as peers see it. It changes after a fresh start. */
  get id(): number {
    return this.#id
  }

  /** The identity and permissions of this user's token; undefined on an open server. */
  get identity(): OwnIdentity | undefined {
    return this.#identity
  }

  get state(): 'connected' | 'reconnecting' | 'closed' {
    const { state } = this.#signaling
    // An app receives its session only after the first connection.
    return state === 'connecting' ? 'reconnecting' : state
  }

  get closed(): boolean {
    return this.state === 'closed'
  }

  /** How many frames from the server were unreadable or unexpected. */
  get droppedFrames(): number {
    return this.#signaling.dropped
  }

  /** How many signals of peers belonged to no open or pending link. */
  get droppedSignals(): number {
    return this.#memberships.droppedSignals
  }

  /** Connects and sends `hello`. The function `connect` calls it. */
  open(signal: AbortSignal | undefined): Promise<void> {
    const opened = this.#signaling.open(signal)
    this.#memberships.prepare()
    return opened
  }

  /** Requests the rooms that the user may see. */
  async rooms(): Promise<RoomInfo[]> {
    return readBody(bodies.listing, await this.#signaling.request('rooms', null)).data
  }

  /**
   * Joins a room. The membership lasts until the user leaves or is removed. After a fresh start the session rejoins the
   * room by its uuid. If the uuid no longer exists, it rejoins by name with the same options, and with the newest
   * restrictions of `room.restrict()` if `create` is true.
   *
   * @param room the room's name or uuid
   * @returns the membership. It emits `peer` for each peer in the room in a later task, so the caller can add listeners
   * @throws SignalError `room-not-found`, `room-full`, `forbidden` and other rejections by the server; PeerError
   *   `bad-option`, `bad-server`, `closed`, `lost`, `timeout`, `too-many-requests`
   */
  async join(room: string | number, options: JoinOptions = {}): Promise<Membership> {
    const { info, history = 0 } = options
    if (!(history >= 0))
      throw new PeerError('bad-option', `Cannot join: history must be a number of seconds: it is ${history}`)
    const membership = await this.#memberships.join(room, options)
    if (info !== undefined) this.info = { ...this.info, ...info }
    return membership
  }

  /**
   * Simulates a network failure of this session, to test an app.
   *
   * @param seconds how long the failure lasts; finite, ≥ 0
   * @throws PeerError `bad-option`
   */
  interrupt(seconds: number): void {
    if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) {
      throw new PeerError(
        'bad-option',
        `Cannot interrupt the network: seconds must be a finite number ≥ 0: it is ${seconds}`,
      )
    }
    this.#memberships.interrupt(seconds)
    this.#signaling.interrupt(seconds)
  }

  /** Leaves every room and closes the connection for good. */
  close(): void {
    this.#memberships.close()
    this.#signaling.close()
  }

  #greeted(greeting: Greeting): void {
    const { id, recovered, rooms } = greeting
    const expiresIn = this.#known(greeting)
    if (this.#renewable) this.#renewal.start(expiresIn)
    const first = this.#id === 0
    this.#id = id
    if (!recovered) this.#memberships.startAs(id)
    if (first) return
    emit(this, 'resumed', { recovered })
    if (recovered) {
      this.#memberships.hurry()
      return
    }
    emit(this, 'rooms', rooms)
    this.#memberships.rejoin()
  }

  #event(op: EventOp, body: unknown): void {
    try {
      if (op === Op.rooms) emit(this, 'rooms', readBody(bodies.rooms, body))
      else if (op === Op.roomadded) this.#roomAdded(readBody(bodies.room, body))
      else if (op === Op.roomchanged) emit(this, 'roomchanged', readBody(bodies.room, body))
      else if (op === Op.roomclosed) this.#roomClosed(readBody(bodies.closed, body))
      else if (op === Op.kicked) this.#kicked(readBody(bodies.kicked, body))
      else if (op === Op.connect) this.#memberships.arrive(readBody(bodies.arrival, body))
      else if (op === Op.disconnectPeer) this.#memberships.depart(readBody(bodies.departure, body))
    } catch (error) {
      emit(this, 'error', error)
    }
  }

  #roomAdded(room: RoomInfo): void {
    emit(this, 'roomadded', room)
    this.#memberships.roomAdded(room)
  }

  #roomClosed(closed: { uuid: number; reason?: string | undefined }): void {
    emit(this, 'roomclosed', closed)
    this.#memberships.remove(closed.uuid, { code: 'closed', reason: closed.reason ?? '' })
  }

  #kicked({ uuid, code, reason }: Kicked): void {
    this.#memberships.remove(uuid, { code, reason })
  }

  /** @returns how many milliseconds the token stays valid; undefined if it never expires */
  #known({ identity, expiresIn, ice }: Greeting): number | undefined {
    this.#identity = identity
    this.#memberships.knowIce(ice)
    return expiresIn
  }

  #end(detail: CloseDetail, error: Error | undefined): void {
    this.#renewal.stop()
    this.#memberships.close()
    if (error !== undefined) emit(this, 'error', error)
    emit(this, 'close', detail)
  }
}

type Token = SessionOptions['token']

const tokenOf = async (token: Token): Promise<string | undefined> => (typeof token === 'function' ? token() : token)
