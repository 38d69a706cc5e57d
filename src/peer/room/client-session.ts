import {
  answerSchemas,
  type EventOp,
  eventSchemas,
  type Greeting,
  type Info,
  type Kicked,
  Op,
  type OwnIdentity,
  type RoomClosed,
  type RoomInfo,
} from '../../protocol/both-ends.ts'
import type { RecordingSupport } from '../internal/mod.ts'
import type { LegacyClients, Wrtc } from '../link/mod.ts'
import { emit, PeerError, type Timing, TypedEventTarget } from '../shared/mod.ts'
import {
  type CloseDetail,
  EVERYTHING,
  Renewal,
  RoomListing,
  readBody,
  Signaling,
  type WebSocketConstructor,
} from '../signaling/mod.ts'
import type { JoinOptions } from './join-options.ts'
import type { Membership } from './membership.ts'
import { Memberships } from './memberships.ts'
import type { Session, SessionEvents } from './session.ts'

export interface ClientSessionOptions {
  url: string
  Socket: WebSocketConstructor
  token: string | (() => string | Promise<string>) | undefined
  info: Info
  reconnect: boolean
  wrtc: Wrtc | undefined
  legacyClients: LegacyClients | undefined
  recording: RecordingSupport | undefined
  rtc: RTCConfiguration | undefined
  timing: Timing
}

/** Connects the signaling, the memberships and the token's renewal. */
export class ClientSession extends TypedEventTarget<SessionEvents> implements Session {
  info: Info
  readonly #signaling: Signaling
  readonly #memberships: Memberships
  readonly #listing: RoomListing
  readonly #renewable: boolean
  readonly #renewal: Renewal
  #identity: OwnIdentity | undefined
  #id = 0

  constructor(options: ClientSessionOptions) {
    super()
    const { token, info, wrtc, legacyClients, recording, rtc, timing } = options
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
      legacyClients,
      recording,
      rtc,
      timing,
      permissions: () => this.#identity ?? EVERYTHING,
      identity: () => this.#identity,
      failed: (error) => emit(this, 'error', error),
    })
    this.#listing = new RoomListing({
      signaling: this.#signaling,
      listed: (rooms) => emit(this, 'rooms', rooms),
      failed: (error) => emit(this, 'error', error),
    })
    this.#renewal = new Renewal({
      timing,
      renew: async () =>
        this.#known(
          readBody(answerSchemas.hello, await this.#signaling.request('hello', { token: await tokenOf(token) })),
        ),
      failed: (error) => emit(this, 'error', error),
    })
    this.#renewable = typeof token === 'function'
  }

  get id(): number {
    return this.#id
  }

  get identity(): OwnIdentity | undefined {
    return this.#identity
  }

  get state(): Session['state'] {
    const { state } = this.#signaling
    // An app receives its session only after the first connection.
    return state === 'connecting' ? 'reconnecting' : state
  }

  get closed(): boolean {
    return this.state === 'closed'
  }

  get droppedFrames(): number {
    return this.#signaling.dropped
  }

  get droppedSignals(): number {
    return this.#memberships.droppedSignals
  }

  /** Connects and sends `hello`. @throws as `connect` */
  open(signal: AbortSignal | undefined): Promise<void> {
    const opened = this.#signaling.open(signal)
    this.#memberships.prepare()
    return opened
  }

  rooms(): Promise<RoomInfo[]> {
    return this.#listing.list()
  }

  /** Adds a listener. The first one of `roomadded`, `roomchanged` or `roomclosed` subscribes the session to rooms. */
  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...args)
    this.#listing.listens(args[0])
  }

  async join(room: string | number, options: JoinOptions = {}): Promise<Membership> {
    const { info, history = 0 } = options
    if (!(history >= 0))
      throw new PeerError('bad-option', `Cannot join: history must be a number of seconds: it is ${history}`)
    const membership = await this.#memberships.join(room, options)
    if (info !== undefined) this.info = { ...this.info, ...info }
    return membership
  }

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

  close(): void {
    this.#memberships.close()
    this.#signaling.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #greeted(greeting: Greeting): void {
    const { id, recovered } = greeting
    const expiresIn = this.#known(greeting)
    if (this.#renewable) this.#renewal.start(expiresIn)
    const first = this.#id === 0
    this.#id = id
    if (!recovered) this.#memberships.startAs(id)
    if (first) return
    emit(this, 'resumed', { recovered })
    if (greeting.recovered) {
      this.#memberships.hurry()
      return
    }
    this.#memberships.rejoin()
    // Servers before subscriptions list the rooms with the greeting.
    if (greeting.rooms === undefined) this.#listing.restart()
    else emit(this, 'rooms', greeting.rooms)
  }

  #event(op: EventOp, body: unknown): void {
    try {
      if (op === Op.rooms) emit(this, 'rooms', readBody(eventSchemas.rooms, body))
      else if (op === Op.roomadded) this.#roomAdded(readBody(eventSchemas.roomadded, body))
      else if (op === Op.roomchanged) emit(this, 'roomchanged', readBody(eventSchemas.roomchanged, body))
      else if (op === Op.roomclosed) this.#roomClosed(readBody(eventSchemas.roomclosed, body))
      else if (op === Op.kicked) this.#kicked(readBody(eventSchemas.kicked, body))
      else if (op === Op.connect) this.#memberships.arrive(readBody(eventSchemas.connect, body))
      else if (op === Op.disconnectPeer) this.#memberships.depart(readBody(eventSchemas.disconnectPeer, body))
    } catch (error) {
      emit(this, 'error', error)
    }
  }

  #roomAdded(room: RoomInfo): void {
    emit(this, 'roomadded', room)
    this.#memberships.roomAdded(room)
  }

  #roomClosed(closed: RoomClosed): void {
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

type Token = ClientSessionOptions['token']

const tokenOf = async (token: Token): Promise<string | undefined> => (typeof token === 'function' ? token() : token)
