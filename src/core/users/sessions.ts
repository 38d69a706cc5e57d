import { type KeepaliveName, type Resume, type ResumeOffer, SignalError } from '../../protocol/mod.ts'
import type { Buffers } from '../buffers/mod.ts'
import { type Delivery, type DeliveryResult, keepalive, type Outgoing, RELAYS_SHARE } from '../delivery/mod.ts'
import type { Clock, Counts, Limits, OnEvent, Transport, UserType } from '../shared/mod.ts'
import { newSession, newToken, type Session } from './session.ts'

export interface SessionsOptions {
  /** Delivers messages over the users' connections. */
  line: Delivery
  /** Counts what the sessions keep. */
  buffers: Buffers
  clock: Clock
  /** How long a disconnected user can resume, in milliseconds; 0 disables resuming. */
  grace: number
  limits: Pick<Limits, 'replayBytes' | 'users'>
  onevent: OnEvent
  counts: Counts
  /** Called for a user whose connection accepted no message. */
  onfailed(user: UserType): void
  /** Called for a user that can no longer resume. */
  onover(user: UserType): void
}

/**
 * The sessions of users that asked to resume. A session counts and buffers each message until the client acknowledges
 * it. While the user is disconnected, its messages wait in the buffer.
 */
export class Sessions implements Delivery {
  /** Whether users can resume at all. */
  readonly enabled: boolean
  readonly #options: SessionsOptions
  readonly #sessions = new Map<UserType, Session>()
  readonly #tokens = new Map<string, Session>()

  constructor(options: SessionsOptions) {
    this.enabled = options.grace > 0
    this.#options = options
  }

  deliver(user: UserType, message: Outgoing, from?: UserType): DeliveryResult {
    const session = this.#sessions.get(user)
    if (session === undefined) return this.#options.line.deliver(user, message, from)
    if (!session.away) {
      // Buffer the frame even if the transport threw: the client can still resume. A full queue removes the user for
      // good.
      if (this.#options.line.deliver(user, message, from) === 'full') return 'full'
      session.replay.keep(message.binary())
      return 'sent'
    }
    if (!session.replay.complete) return 'failed'
    const { replay } = session
    const size = message.binary().length
    // The rest is for messages of the server: no peer can end a session by filling its buffer.
    if (from !== undefined && replay.bytes + size > this.#options.limits.replayBytes * RELAYS_SHARE) return 'full'
    replay.keep(message.binary())
    if (replay.complete) return 'sent'
    this.#options.counts.resumed.overflowed++
    // Remove the user only after the current message has reached its other receivers.
    queueMicrotask(() => this.#over(session))
    return 'failed'
  }

  /** Returns the offer for a hello's answer: the token of the user's session, or a token for `start` or `resume`. */
  offer(user: UserType): ResumeOffer {
    return { token: this.#sessions.get(user)?.token ?? newToken(), grace: this.#options.grace }
  }

  has(user: UserType): boolean {
    return this.#sessions.has(user)
  }

  /** Starts a session. From now on, it counts and buffers the user's frames. */
  start(user: UserType, { token }: ResumeOffer): void {
    const { limits, buffers } = this.#options
    const session = newSession(user, token, limits.replayBytes, buffers)
    this.#sessions.set(user, session)
    this.#tokens.set(token, session)
  }

  /**
   * Returns the session of a token, or undefined if the client cannot resume it.
   *
   * @param auth the client's verified `auth`, which must be the session's; undefined if the client is not identified
   */
  find({ token, received }: Resume, auth: string | undefined): Session | undefined {
    const session = this.#tokens.get(token)
    const over = session?.away && !session.replay.complete
    if (session?.replay.missing(received) === undefined || over || (auth !== undefined && auth !== session.user.auth)) {
      this.#options.counts.resumed.refused++
      return undefined
    }
    return session
  }

  /** Resumes a session over another connection with a new token, and sends the frames that the client lacks. */
  resume(session: Session, { token, received }: Resume, { token: next }: ResumeOffer, ws: Transport): void {
    const { user, replay } = session
    const { buffers, counts, onfailed, onevent } = this.#options
    const old = user.ws
    // Ignore all further messages from the old connection.
    old.id = undefined
    if (session.away) this.#stopWaiting(session)
    else {
      counts.resumed.displaced++
      old.close?.(4000, 'Displaced')
    }
    user.ws = ws
    ws.id = user.uuid
    for (const known of [session.token, session.before]) if (known !== token) this.#tokens.delete(known as string)
    session.before = token
    session.token = next
    this.#tokens.set(next, session)
    counts.resumed.recovered++
    onevent({ name: 'session resumed', user: user.uuid })
    const missing = replay.missing(received) as Uint8Array<ArrayBuffer>[]
    replay.acknowledge(received)
    replay.tell()
    try {
      for (const frame of missing) {
        ws.send(frame)
        buffers.sent(ws, frame.length)
      }
    } catch {
      onfailed(user)
    }
  }

  /** Counts a message from the user. Do not call it for pings and pongs. */
  count(user: UserType, bytes: number): void {
    const session = this.#heard(user)
    if (session?.replay.count(bytes)) this.#tell(session, 'ping')
  }

  /**
   * Handles a ping or a pong from the user.
   *
   * @throws SignalError `bad-frame` if `received` is more than the service has sent
   */
  keepalive(user: UserType, name: KeepaliveName, received: number): void {
    const session = this.#heard(user)
    if (session === undefined ? received > 0 : !session.replay.acknowledge(received)) {
      throw SignalError.badFrame('wrong-type', `Cannot acknowledge ${received} frames: fewer were sent`)
    }
    if (name !== 'ping') return
    if (session === undefined) this.#options.line.deliver(user, keepalive('pong', 0))
    else this.#tell(session, 'pong')
  }

  /**
   * Handles the loss of a user's connection.
   *
   * @returns whether the user can resume
   */
  lose(user: UserType): boolean {
    const session = this.#sessions.get(user)
    if (session === undefined) return false
    if (session.away) return true
    const { clock, grace, limits, counts } = this.#options
    if (counts.waiting >= limits.users || !session.replay.complete) {
      counts.resumed.overflowed++
      return false
    }
    session.away = true
    counts.waiting++
    session.timer = clock.setTimeout(() => {
      counts.resumed.expired++
      this.#over(session)
    }, grace)
    return true
  }

  /** Removes a session and its tokens. */
  end(user: UserType): void {
    const session = this.#sessions.get(user)
    if (session === undefined) return
    if (session.away) this.#stopWaiting(session)
    this.#sessions.delete(user)
    this.#options.buffers.release(session.replay)
    for (const token of [session.token, session.before]) this.#tokens.delete(token as string)
  }

  clear(): void {
    for (const user of [...this.#sessions.keys()]) this.end(user)
  }

  /**
   * Returns the user's session. Any message from the user proves that its newest token has arrived, so drop the
   * previous one.
   */
  #heard(user: UserType): Session | undefined {
    const session = this.#sessions.get(user)
    if (session?.before !== undefined) {
      this.#tokens.delete(session.before)
      session.before = undefined
    }
    return session
  }

  #tell(session: Session, name: KeepaliveName): void {
    if (!session.away) this.#options.line.deliver(session.user, keepalive(name, session.replay.tell()))
  }

  #stopWaiting(session: Session): void {
    session.away = false
    this.#options.counts.waiting--
    this.#options.clock.clearTimeout(session.timer)
  }

  /** Reports the end of a session, unless the host has removed the user in the meantime. */
  #over({ user }: Session): void {
    if (this.#sessions.has(user)) this.#options.onover(user)
  }
}
