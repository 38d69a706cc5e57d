import { SignalError, TokenBucket } from '../../protocol/mod.ts'
import { type Clock, instant, type Limits, type UserType } from '../shared/mod.ts'

export interface RatesOptions {
  clock: Clock
  limits: Pick<Limits, 'framesPerSecond' | 'bytesPerSecond'>
}

/**
 * A message over its sender's rate limit. If `last` is false, the error is a warning; if true, the connection closes.
 */
export interface Excess {
  error: SignalError
  last: boolean
}

/** After a warning, a user has this many milliseconds to slow down, and at most this many rejected messages. */
const WARNING = 1_000
const REFUSALS = 100
/** A warning expires after this many milliseconds. */
const FORGIVEN = 10_000

/** Cost of a request, in messages: the server decodes, checks and answers it. */
const REQUEST_COST = 10

interface Meter {
  frames: TokenBucket
  bytes: TokenBucket
  warned?: { at: number; refusals: number }
}

/** Measures how much each user sends. The WeakMap drops the meters of removed users. */
export class Rates {
  readonly #options: RatesOptions
  readonly #meters = new WeakMap<UserType, Meter>()

  constructor(options: RatesOptions) {
    this.#options = options
  }

  /**
   * Charges one message to its sender.
   *
   * @returns undefined if the message is within the limits
   */
  take(user: UserType, bytes: number): Excess | undefined {
    const { framesPerSecond, bytesPerSecond } = this.#options.limits
    if (framesPerSecond === Number.POSITIVE_INFINITY && bytesPerSecond === Number.POSITIVE_INFINITY) return undefined
    const now = instant(this.#options.clock)
    let meter = this.#meters.get(user)
    if (meter === undefined) {
      meter = { frames: new TokenBucket(framesPerSecond, now), bytes: new TokenBucket(bytesPerSecond, now) }
      this.#meters.set(user, meter)
    }
    if (!meter.frames.take(1, now)) {
      return this.#excess(meter, now, `${framesPerSecond} messages a second`, 'framesPerSecond')
    }
    if (meter.bytes.take(bytes, now)) return undefined
    return this.#excess(meter, now, `${bytesPerSecond} bytes a second`, 'bytesPerSecond')
  }

  /** Charges the extra cost of a request. `take` has charged it as one message, but the server spends more on it. */
  chargeRequest(user: UserType): void {
    this.#meters.get(user)?.frames.charge(REQUEST_COST - 1)
  }

  /** Charges a request that travels in the message of another one. */
  chargeCarried(user: UserType): void {
    this.#meters.get(user)?.frames.charge(REQUEST_COST)
  }

  #excess(meter: Meter, now: number, what: string, limit: string): Excess {
    if (meter.warned === undefined || now - meter.warned.at >= FORGIVEN) meter.warned = { at: now, refusals: 0 }
    const { warned } = meter
    warned.refusals++
    const last = now - warned.at >= WARNING || warned.refusals > REFUSALS
    const error = new SignalError('rate-limited', `Cannot accept more than ${what}`, { reason: 'too-fast', limit })
    return { error, last }
  }
}
