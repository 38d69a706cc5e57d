import { SignalError } from '../../protocol/mod.ts'
import {
  type Addressed,
  type Codec,
  codecOf,
  type Delivery,
  type DeliveryResult,
  type Outgoing,
  type PacedDelivery,
} from '../delivery/mod.ts'
import { type Clock, type Counts, count, instant, type Limits, type UserType } from '../shared/mod.ts'
import { type Account, Payers, WHOSE } from './payers.ts'

export interface FanOutOptions {
  delivery: PacedDelivery
  codec: Codec
  clock: Clock
  limits: Pick<Limits, 'fanOutPerSecond'>
  counts: Pick<Counts, 'budgets' | 'limited'>
}

const NONE: readonly Account[] = []

/** A request that sends at most this share of the bytes per second of a connection does not use the budget of all. */
const CHEAP = 1 / 8
/** A request that sends at most this share is small enough to be done at once, whatever waits. */
const SMALL = 1 / 64
/** The error of a refusal has about so many bytes, which are charged too. */
const ERROR_BYTES = 250
/** By about so many bytes an event is longer in JSON. */
const JSON_BYTES = 85
/** The deepest debt, in seconds of the rate of a connection: a change of a room with 500 peers costs less. */
const DEBT = 16

/**
 * Delivers messages, and lets the user pay whose request causes them: recipients × bytes. So nobody can make the server
 * send much more than it receives.
 */
export class FanOut implements Delivery {
  readonly #options: FanOutOptions
  /** Undefined if there is no limit. */
  readonly #payers: Payers | undefined
  readonly #cheap: number
  /** Bytes delivered that nobody has paid yet, and bytes of deliveries that are due. */
  #bytes = 0

  constructor(options: FanOutOptions) {
    const { clock, limits, counts } = options
    const { fanOutPerSecond } = limits
    this.#options = options
    this.#cheap = fanOutPerSecond * CHEAP
    if (fanOutPerSecond !== Number.POSITIVE_INFINITY) this.#payers = new Payers(fanOutPerSecond, clock, counts)
  }

  deliver(user: UserType, message: Outgoing): DeliveryResult {
    const { delivery, codec } = this.#options
    const result = delivery.deliver(user, message)
    // `deliver` has encoded the message, and the message caches the result.
    if (result === 'sent') this.#bytes += bytesFor(user, message, codec)
    return result
  }

  /**
   * Delivers messages to many users, some of them later. Their user pays now.
   *
   * @param bytes about how many bytes they have in msgpack. By default they are encoded now, which is cheap if it is one
   *   message to all.
   */
  deliverAll(messages: readonly Addressed[], bytes?: number): void {
    const { codec, delivery } = this.#options
    for (const [user, message] of messages) {
      if (bytes === undefined) this.#bytes += bytesFor(user, message, codec)
      else if (codecOf(user.ws, codec) === 'json') this.#bytes += JSON_BYTES
    }
    this.#bytes += bytes ?? 0
    delivery.deliverAll(messages)
  }

  /** Adds bytes that a request sends later, by `paid`. Its user pays now. */
  owe(bytes: number): void {
    this.#bytes += bytes
  }

  /** Delivers what is paid already. */
  get paid(): PacedDelivery {
    return this.#options.delivery
  }

  /** Removes a user that has left. The next connections from its address take over what it owes. */
  forget(user: UserType): void {
    this.#payers?.forget(user)
  }

  /** Adds what received bytes earn for their sender. */
  earn(user: UserType, bytes: number): void {
    for (const { budget } of this.#accountsOf(user)) budget.earn(bytes)
  }

  /**
   * Checks that a user can pay for a request, and runs it. The user pays what it sends.
   *
   * @param cost about how many bytes the request sends
   * @throws SignalError `rate-limited`, reason `too-costly`; then nothing has run
   */
  spend<Result>(user: UserType, cost: number, run: () => Result): Result {
    this.check(user, cost)
    return this.charged(user, run)
  }

  /**
   * Runs what nobody can refuse, such as a departure. The user pays what it sends, and may owe it. Of a call inside
   * another, the outer one does not pay again.
   */
  charged<Result>(user: UserType, run: () => Result): Result {
    const before = this.#bytes
    try {
      return run()
    } finally {
      this.#charge(user, this.#bytes - before)
      this.#bytes = before
    }
  }

  /** @throws as `spend` */
  check(user: UserType, cost: number): void {
    // The server has more to send to others than it can soon.
    let wait = cost > this.#options.limits.fanOutPerSecond * SMALL ? this.paid.backlog : 0
    let limit: Account['limit'] | undefined = wait > 0 ? 'fanOut' : undefined
    const now = instant(this.#options.clock)
    for (const account of this.#accountsOf(user)) {
      // Small rooms must not suffer when others have used up the budget of all.
      if (account.limit === 'fanOut' && cost <= this.#cheap) continue
      const needed = account.budget.wait(cost, now, ERROR_BYTES)
      if (needed <= wait) continue
      wait = needed
      limit = account.limit
    }
    if (limit === undefined) return
    const message = `Cannot run the request: ${WHOSE[limit]} made the server send too much: wait ${wait} ms`
    throw new SignalError('rate-limited', message, { reason: 'too-costly', limit, retryAfter: wait })
  }

  /**
   * Checks that a user is not deep in debt. That is enough for requests without which a session cannot go on.
   *
   * @throws as `spend`
   */
  checkDebt(user: UserType): void {
    this.check(user, -DEBT * this.#options.limits.fanOutPerSecond)
  }

  /** Returns whether the user can pay for something that it has not asked for, with half of the common budgets left. */
  affords(user: UserType, cost: number): boolean {
    const now = instant(this.#options.clock)
    for (const { limit, budget } of this.#accountsOf(user)) {
      if (budget.affords(cost, limit === 'fanOutPerConnection' ? 0 : 1 / 2, now)) continue
      count(this.#options.counts.limited, limit)
      return false
    }
    return true
  }

  #charge(user: UserType, bytes: number): void {
    const now = instant(this.#options.clock)
    for (const { budget } of this.#accountsOf(user)) budget.charge(bytes, now)
  }

  #accountsOf(user: UserType): readonly Account[] {
    return this.#payers?.of(user) ?? NONE
  }
}

const bytesFor = (user: UserType, message: Outgoing, codec: Codec): number =>
  (codecOf(user.ws, codec) === 'msgpack' ? message.binary() : message.text()).length
