import { type AnswerBodies, checkRequest, type Entered, type RequestBodies, SignalError } from '../protocol/mod.ts'
import {
  type Answer,
  answer,
  type Codec,
  codecOf,
  type Incoming,
  type IncomingRelay,
  infoOf,
  listingAnswer,
  type Message,
  type Outgoing,
  readIncoming,
  refusal,
  type Ticket,
  UNNUMBERED,
  UnreadableRequest,
} from './delivery/mod.ts'
import type { FanOut } from './fan-out/mod.ts'
import { greet } from './hello.ts'
import type { Excess, Rates, Relays } from './relay/mod.ts'
import type { RequestHandlers } from './request-handlers.ts'
import type { Moderation, Rooms } from './rooms/mod.ts'
import {
  type Counts,
  count,
  type IceAnswer,
  type Limits,
  NOBODY,
  type OnEvent,
  type RoomInfo,
  tally,
  type UserType,
} from './shared/mod.ts'
import type { Admission, Known, Sessions } from './users/mod.ts'

export interface DispatcherOptions {
  users: Map<number, UserType>
  rooms: Rooms
  relays: Relays
  sessions: Sessions
  fanOut: FanOut
  handlers: RequestHandlers
  rates: Rates
  codec: Codec
  limits: Limits
  counts: Counts
  admission: Admission
  moderation: Moderation
  ice(id: number): IceAnswer | Promise<IceAnswer>
  /** Called for a user that sends too much, while the service closes its connection. */
  ondismissed(user: UserType): void
  onevent: OnEvent
}

/** What a message was, and the result that its sender receives. The result of `hello` and `ice` may be a promise. */
export interface Received {
  /** The form of the message (PROTOCOL.md, Frames). */
  kind: 'relay' | 'request' | 'keepalive'
  /** What the sender receives, or a promise of it. Undefined for a message without an answer. */
  result: unknown
}

const RELAYED: Received = Object.freeze({ kind: 'relay', result: undefined })

/** The close reason for a user that sends too much. It distinguishes a flood from other closes with 1008. */
export const FLOOD = 'Too many messages'

/** Handles each message: reads it, counts it, runs it and answers it. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  /** Users whose hello waits for `authenticate` or for ICE credentials. */
  readonly #asked = new WeakSet<UserType>()

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /**
   * Runs one message from a user and answers it.
   *
   * @param message the dispatcher may write into its bytes and keep them, so the caller must not use them again
   * @throws SignalError the error that the sender receives
   */
  receive(message: Message, user: UserType): Received {
    const { counts, relays, rates, fanOut, ondismissed } = this.#options
    counts.received++
    const size = sizeOf(message)
    fanOut.earn(user, size)
    const excess = rates.take(user, size)
    let incoming: Incoming | undefined
    try {
      incoming = this.#read(message, user, excess)
      if (excess !== undefined) throw excess.error
      if (user.identity === NOBODY && incoming.kind !== 'keepalive' && incoming.name !== 'hello') {
        throw new SignalError('unauthorized', 'Cannot run the request: send a hello with a token first')
      }
      if (incoming.kind !== 'relay') return this.#run(incoming, user)
      relays.forward(incoming, user)
      // The service before version 1 acknowledged a signal if its sender gave a callbackId. Keep that.
      if (incoming.ticket.callbackId === undefined) return RELAYED
      return { kind: 'relay', result: this.#answer(user, incoming.ticket, null) }
    } catch (cause) {
      if (cause instanceof UnreadableRequest) return this.#refuse(user, cause.cause, cause)
      return this.#refuse(user, cause, incoming)
    } finally {
      if (excess?.last) {
        this.#dismiss(user, 1008, FLOOD)
        // Remove the user now. Otherwise its messages would be processed until the close is complete.
        ondismissed(user)
      }
    }
  }

  /** Both ends also count unreadable messages for the session. Neither end counts pings and pongs. */
  #read(message: Message, user: UserType, excess: Excess | undefined): Incoming {
    const { codec, limits, sessions, counts } = this.#options
    const size = sizeOf(message)
    let incoming: Incoming | undefined
    try {
      // The connection closes after this message, so do not spend time on reading it.
      if (excess?.last) throw excess.error
      incoming = readIncoming(message, codecOf(user.ws, codec), limits.frameBytes)
      return incoming
    } catch (cause) {
      throw excess?.error ?? cause
    } finally {
      tally(counts.taken, incoming?.name ?? 'unreadable', size)
      if (incoming?.kind !== 'keepalive') sessions.count(user, size)
    }
  }

  #run(incoming: Exclude<Incoming, IncomingRelay>, user: UserType): Received {
    const { sessions, handlers, rates, fanOut } = this.#options
    const { kind, ticket } = incoming
    if (incoming.kind === 'keepalive') {
      return { kind, result: sessions.keepalive(user, incoming.name, incoming.received) }
    }
    rates.chargeRequest(user)
    const { name, body } = incoming
    // Other requests check their cost when they know it. Nobody is kept from leaving.
    if (name === 'hello' || name === 'ice') fanOut.checkDebt(user)
    if (name === 'info') fanOut.check(user, 0)
    if (name === 'hello') return { kind, result: this.#hello(body, user, ticket) }
    if (name === 'rooms') return { kind, result: this.#list(checkRequest(name, body), user, ticket) }
    // Each handler takes the result of `checkRequest` for its own name. TypeScript cannot follow that here.
    const result = handlers[name](checkRequest(name, body) as never, user)
    return { kind, result: this.#answer(user, ticket, result) }
  }

  #hello(body: unknown, user: UserType, ticket: Ticket): unknown {
    const { users, sessions, fanOut, rates, codec, admission, ice, limits } = this.#options
    const { token, info, resume } = checkRequest('hello', body)
    const { connect } = (body ?? {}) as { connect?: unknown }
    if (connect !== undefined) rates.chargeCarried(user)
    if (this.#asked.has(user)) {
      throw new SignalError('rate-limited', 'Cannot accept a hello: the previous one is pending', {
        reason: 'hello-waits',
      })
    }
    const resumes = sessions.enabled && codecOf(user.ws, codec) === 'msgpack'
    const welcome = (sender: Known, answer: IceAnswer): unknown => {
      // The host may have removed the user while the token or the credentials were pending.
      if (users.get(user.uuid) !== user) return undefined
      const told = answer.iceServers.length > 0 ? answer : undefined
      const session = resumes ? resume : undefined
      const hello = { user, ticket, info, resume: session, connect, sender, known: token !== undefined, ice: told }
      const enter = this.#enter.bind(this)
      return fanOut.charged(user, () => greet(hello, { ...this.#options, infoBytes: limits.infoBytes, enter }))
    }
    const sender = admission.identify(token, user)
    const servers = ice(user.uuid)
    if (!(sender instanceof Promise || servers instanceof Promise)) return welcome(sender, servers)
    this.#asked.add(user)
    return Promise.all([sender, servers])
      .finally(() => this.#asked.delete(user))
      .then(([sender, servers]) => welcome(sender, servers))
      .catch((cause) => this.#refuse(user, cause, { ticket }))
  }

  /** Checks and runs the `connect` of a hello. If the user may not enter, the hello still succeeds. */
  #enter(body: unknown, user: UserType): Entered {
    try {
      return { room: this.#options.handlers.connect(checkRequest('connect', body), user) }
    } catch (cause) {
      if (!(cause instanceof SignalError)) throw cause
      this.#countRefusal(user, cause)
      return { refused: cause.toJSON() }
    }
  }

  #answer(user: UserType, ticket: Ticket, result: Answer | Promise<Answer>): Answer | Promise<Answer> {
    if (result instanceof Promise) return result.then((settled) => this.#answer(user, ticket, settled))
    this.#send(user, answer(ticket, user.uuid, result))
    return result
  }

  #list(body: RequestBodies['rooms'], user: UserType, ticket: Ticket): Answer {
    const { rooms, next } = this.#options.rooms.listings.request(user, body ?? {})
    const result = (data: RoomInfo[]): AnswerBodies['rooms'] => ({ cmd: 'rooms', ...(next && { next }), data })
    this.#send(user, listingAnswer(ticket, user.uuid, result, rooms))
    return result(rooms.map(infoOf))
  }

  #send(user: UserType, message: Outgoing): void {
    const { fanOut } = this.#options
    fanOut.charged(user, () => fanOut.deliver(user, message))
  }

  /**
   * Sends a SignalError to the user and throws it again. Any other error is a bug: only the host receives it.
   *
   * @param refused the message, as far as it could be read
   */
  #refuse(user: UserType, cause: unknown, refused?: { ticket: Ticket; peer?: number }): never {
    if (!(cause instanceof SignalError)) throw cause
    this.#countRefusal(user, cause)
    this.#send(user, refusal(refused?.ticket ?? UNNUMBERED, user.uuid, cause, refused?.peer))
    if (cause.code === 'frame-too-large') this.#dismiss(user, 1009, 'Message too large')
    else if (cause.reason === 'text-on-binary') this.#dismiss(user, 1003, 'Text on a binary connection')
    throw cause
  }

  #countRefusal({ uuid: user }: UserType, { code, reason, limit }: SignalError): void {
    const { counts, onevent } = this.#options
    onevent({ name: 'refused', user, code, reason })
    count(counts.refused, code)
    if (limit !== undefined) count(counts.limited, limit)
  }

  /** Closes a connection because its client broke the protocol. The session ends, so the client cannot resume it. */
  #dismiss(user: UserType, code: number, reason: string): void {
    this.#options.sessions.end(user)
    user.ws.close?.(code, reason)
  }
}

/** Returns a message's length in bytes or UTF-16 code units; 0 for a message that the host has parsed. */
const sizeOf = (message: Message): number =>
  typeof message === 'string' || message instanceof Uint8Array ? message.length : 0
