import { Op, type Resume, SignalError } from '../../protocol/mod.ts'
import { type Delivery, type DeliveryResult, keepalive, type Outgoing } from '../delivery/mod.ts'
import type { Clock, Counts, Limits, OnEvent, Transport, UserType } from '../shared/mod.ts'
import { newSession, newToken, type Session } from './session.ts'

export interface SessionsOptions {
  /** What brings messages over the users' connections. */
  line: Delivery
  clock: Clock
  /** How long a user without a connection is kept, in milliseconds; 0 for not at all. */
  grace: number
  limits: Pick<Limits, 'replayBytes' | 'users'>
  onevent: OnEvent
  counts: Counts
  /** Hears of a user whose connection took no message. */
  onfailed(user: UserType): void
  /** Hears of a user that cannot come back any more. */
  onover(user: UserType): void
}

/** What a client is told so that it can come back. */
export interface ResumeOffer {
  token: string
  /** Milliseconds. */
  grace: number
}

/**
 * The users that asked to be kept when their connection is lost. What is delivered to them is counted and kept until they
 * say that it came; what is delivered meanwhile waits.
 */
export class Sessions implements Delivery {
  /** Whether anybody is kept. */
  readonly enabled: boolean
  readonly #options: SessionsOptions
  readonly #sessions = new Map<UserType, Session>()
  readonly #tokens = new Map<string, Session>()

  constructor(options: SessionsOptions) {
    this.enabled = options.grace > 0
    this.#options = options
  }

  deliver(user: UserType, message: Outgoing): DeliveryResult {
    const session = this.#sessions.get(user)
    if (session === undefined) return this.#options.line.deliver(user, message)
    if (!session.away) {
      // Whether the connection takes it or has just gone: the frame is kept. One whose queue is full is lost for good.
      if (this.#options.line.deliver(user, message) === 'full') return 'full'
      session.replay.keep(message.binary())
      return 'sent'
    }
    if (!session.replay.complete) return 'failed'
    session.replay.keep(message.binary())
    if (session.replay.complete) return 'sent'
    this.#options.counts.resumed.overflowed++
    // Behind the message at hand: who is being told of it need not know.
    queueMicrotask(() => this.#over(session))
    return 'failed'
  }

  /** What a user is told: of its own session, or of one that `start` begins or `resume` goes on with. */
  offer(user: UserType): ResumeOffer {
    return { token: this.#sessions.get(user)?.token ?? newToken(), grace: this.#options.grace }
  }

  has(user: UserType): boolean {
    return this.#sessions.has(user)
  }

  /** Counts and keeps what passes from now on. */
  start(user: UserType, { token }: ResumeOffer): void {
    const session = newSession(user, token, this.#options.limits.replayBytes)
    this.#sessions.set(user, session)
    this.#tokens.set(token, session)
  }

  /**
   * The session that a token stands for, if nothing is missing to go on with it.
   *
   * @param auth what the session's must be, if the client has said who it is
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

  /** Goes on over another connection, under a new token: what the client lacks is sent at once. */
  resume(session: Session, { token, received }: Resume, { token: next }: ResumeOffer, ws: Transport): void {
    const { user, replay } = session
    const { counts, onfailed, onevent } = this.#options
    const old = user.ws
    // Whatever still comes from it is nobody's.
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
      for (const frame of missing) ws.send(frame)
    } catch {
      onfailed(user)
    }
  }

  /** A message of the user came, which is no ping or pong. */
  count(user: UserType, bytes: number): void {
    const session = this.#heard(user)
    if (session?.replay.count(bytes)) this.#tell(session, Op.ping)
  }

  /**
   * A ping or a pong of the user came.
   *
   * @throws SignalError `bad-frame` for more than was sent
   */
  keepalive(user: UserType, op: number, received: number): void {
    const session = this.#heard(user)
    if (session === undefined ? received > 0 : !session.replay.acknowledge(received)) {
      throw SignalError.badFrame('wrong-type', `Cannot take a count of ${received} frames as fewer were sent`)
    }
    if (op !== Op.ping) return
    if (session === undefined) this.#options.line.deliver(user, keepalive(Op.pong, 0))
    else this.#tell(session, Op.pong)
  }

  /**
   * The user's connection is lost.
   *
   * @returns whether the user is kept
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

  /** Forgets a session: its tokens are nobody's. */
  end(user: UserType): void {
    const session = this.#sessions.get(user)
    if (session === undefined) return
    if (session.away) this.#stopWaiting(session)
    this.#sessions.delete(user)
    for (const token of [session.token, session.before]) this.#tokens.delete(token as string)
  }

  clear(): void {
    for (const user of [...this.#sessions.keys()]) this.end(user)
  }

  /** The user's session, whose newest token has arrived where the user says anything at all. */
  #heard(user: UserType): Session | undefined {
    const session = this.#sessions.get(user)
    if (session?.before !== undefined) {
      this.#tokens.delete(session.before)
      session.before = undefined
    }
    return session
  }

  #tell(session: Session, op: typeof Op.ping | typeof Op.pong): void {
    if (!session.away) this.#options.line.deliver(session.user, keepalive(op, session.replay.tell()))
  }

  #stopWaiting(session: Session): void {
    session.away = false
    this.#options.counts.waiting--
    this.#options.clock.clearTimeout(session.timer)
  }

  /** The host may have removed the user meanwhile. */
  #over({ user }: Session): void {
    if (this.#sessions.has(user)) this.#options.onover(user)
  }
}
