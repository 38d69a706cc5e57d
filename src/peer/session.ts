import { type EventOp, type Info, Op, type RelayName, type RoomInfo, type SignalError } from '../protocol/mod.ts'
import { PeerError } from './errors.ts'
import { Membership } from './membership.ts'
import type { RemotePeer } from './remote-peer.ts'
import { bodies, type PeerArrival, readBody } from './server-messages.ts'
import { Signaling } from './signaling.ts'
import type { Wrtc } from './simple-peer.ts'
import { emit, TypedEventTarget } from './typed-events.ts'

export interface SessionEvents {
  /** The rooms that one may see, as they are at the start. */
  rooms: CustomEvent<RoomInfo[]>
  roomadded: CustomEvent<RoomInfo>
  roomclosed: CustomEvent<{ uuid: number }>
  /** The connection to the server is gone, and every room with it. */
  close: CustomEvent<{ code: number; reason: string }>
  /** What the server refused or said wrongly; the session goes on. */
  error: CustomEvent<Error>
}

export interface JoinOptions {
  /** Makes the room where it is missing. @default false */
  create?: boolean
  /** Of a room that is made: most people in it. */
  max?: number
  /** Of a room that is made: who may enter, by `auth`. */
  users?: string[]
  /**
   * Seconds of what others have published already, of reliable streams and as far as their publishers keep it: a minute
   * if they chose nothing else.
   *
   * @default 0
   */
  history?: number
  /** About oneself, for those inside; added to what was said before. */
  info?: Info
}

export interface SessionOptions {
  info: Info
  wrtc: Wrtc | undefined
  rtc: RTCConfiguration | undefined
}

/** People whose arrival was told before the answer to `join`: more than any room has. */
const MAX_EARLY_ARRIVALS = 4_096

/** A connection to the server, from `connect`. */
export class Session extends TypedEventTarget<SessionEvents> {
  info: Info
  closed = false
  /** Signals of peers that belonged to no living link. */
  droppedSignals = 0
  readonly #wrtc: Wrtc | undefined
  readonly #rtc: RTCConfiguration | undefined
  readonly #signaling: Signaling
  readonly #memberships = new Map<number, Membership>()
  readonly #joining = { count: 0, arrivals: [] as PeerArrival[] }
  #id = 0

  constructor(socket: WebSocket, options: SessionOptions) {
    super()
    this.info = options.info
    this.#wrtc = options.wrtc
    this.#rtc = options.rtc
    this.#signaling = new Signaling(socket, {
      event: (op, body) => this.#event(op, body),
      relay: (name, origin, body) => this.#relay(name, origin, body),
      refused: (error: SignalError) => emit(this, 'error', error),
      close: (detail) => this.#end(detail),
    })
  }

  /** One's own id, as others see it. */
  get id(): number {
    return this.#id
  }

  /** Frames from the server that could not be read. */
  get droppedFrames(): number {
    return this.#signaling.dropped
  }

  /** Says who one is; `connect` does it. */
  async hello(token: string | undefined): Promise<void> {
    const { id } = readBody(bodies.hello, await this.#signaling.request('hello', { token, info: this.info }))
    this.#id = id
  }

  /** The rooms that one may see. */
  async rooms(): Promise<RoomInfo[]> {
    return readBody(bodies.listing, await this.#signaling.request('rooms', null)).data
  }

  /**
   * Enters a room.
   *
   * @param room its name or its uuid
   * @returns one's place in it; `peer` events for those inside follow once listeners could be added
   * @throws SignalError `room-not-found`, `room-full`, `forbidden` and what else the server refuses; PeerError
   */
  async join(room: string | number, options: JoinOptions = {}): Promise<Membership> {
    const { create, max, users, info, history = 0 } = options
    if (!(history >= 0)) throw new PeerError('bad-option', `Cannot join as history must be seconds: it is ${history}`)
    const restrictions = max === undefined && users === undefined ? undefined : { max, users }
    const named = typeof room === 'number' ? { uuid: room, restrictions } : { name: room, restrictions }
    this.#joining.count++
    try {
      const ice = readBody(bodies.ice, await this.#signaling.request('ice', null))
      const answer = await this.#signaling.request('connect', { room: named, create, info })
      const entered = readBody(bodies.room, answer)
      if (this.closed) throw new PeerError('closed', 'The connection to the server was closed')
      if (info !== undefined) this.info = { ...this.info, ...info }
      return this.#enter(entered, ice.iceServers, history)
    } finally {
      if (--this.#joining.count === 0) this.#joining.arrivals = []
    }
  }

  /** Leaves every room and closes the connection. */
  close(): void {
    this.#end({ code: 1000, reason: '' })
    this.#signaling.close()
  }

  #enter(room: RoomInfo, iceServers: RTCIceServer[], history: number): Membership {
    const membership = new Membership({
      room,
      id: this.#id,
      rtc: { iceServers, ...this.#rtc },
      wrtc: this.#wrtc,
      history,
      signal: (name, peer, body) => this.#signaling.relay(name, peer, body),
      leave: async () => {
        this.#memberships.delete(room.uuid)
        await this.#signaling.request('disconnect', { uuid: room.uuid })
      },
    })
    this.#memberships.set(room.uuid, membership)
    const arrivals = this.#joining.arrivals.filter((arrival) => arrival.room === room.uuid)
    this.#joining.arrivals = this.#joining.arrivals.filter((arrival) => arrival.room !== room.uuid)
    const peers = arrivals.map((arrival) => membership.addPeer(arrival))
    // Whoever awaits `join` goes on before this and adds listeners.
    setTimeout(() => {
      for (const peer of peers) this.#introduce(membership, peer)
    }, 0)
    return membership
  }

  #introduce(membership: Membership, peer: RemotePeer): void {
    if (membership.peers.get(peer.id) !== peer) return
    emit(membership, 'peer', peer)
    peer.start()
  }

  #event(op: EventOp, body: unknown): void {
    try {
      if (op === Op.welcome) this.#id = readBody(bodies.welcome, body).id
      else if (op === Op.rooms) emit(this, 'rooms', readBody(bodies.rooms, body))
      else if (op === Op.roomadded) emit(this, 'roomadded', readBody(bodies.room, body))
      else if (op === Op.roomclosed) emit(this, 'roomclosed', readBody(bodies.closed, body))
      else if (op === Op.connect) this.#arrive(readBody(bodies.arrival, body))
      else if (op === Op.disconnectPeer) this.#depart(readBody(bodies.departure, body))
    } catch (error) {
      emit(this, 'error', error)
    }
  }

  #arrive(arrival: PeerArrival): void {
    const membership = this.#memberships.get(arrival.room)
    const { count, arrivals } = this.#joining
    if (membership !== undefined) this.#introduce(membership, membership.addPeer(arrival))
    else if (count > 0 && arrivals.length < MAX_EARLY_ARRIVALS) arrivals.push(arrival)
  }

  #depart({ id, room }: { id: number; room: number }): void {
    this.#joining.arrivals = this.#joining.arrivals.filter((early) => early.id !== id || early.room !== room)
    this.#memberships.get(room)?.removePeer(id)
  }

  #relay(name: RelayName, origin: number, body: unknown): void {
    const peer = this.#peerFor(origin, (body as { link?: unknown } | null)?.link)
    if (peer === undefined) this.droppedSignals++
    else peer.receiveSignal(name, body)
  }

  /** A signal without a link is an old client's, and belongs to the newest. */
  #peerFor(origin: number, link: unknown): RemotePeer | undefined {
    let newest: RemotePeer | undefined
    for (const { peers } of this.#memberships.values()) {
      const peer = peers.get(origin)
      if (peer === undefined || (link !== undefined && peer.number !== link)) continue
      if (newest === undefined || peer.number > newest.number) newest = peer
    }
    return newest
  }

  #end(detail: { code: number; reason: string }): void {
    if (this.closed) return
    this.closed = true
    for (const membership of this.#memberships.values()) membership.close()
    this.#memberships.clear()
    emit(this, 'close', detail)
  }
}
