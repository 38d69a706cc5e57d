import { SignalError } from '../../protocol/mod.ts'
import type { Clock, Limits, UserType } from '../shared/mod.ts'
import { TokenBucket } from './token-bucket.ts'

export interface RatesOptions {
  clock: Clock
  limits: Pick<Limits, 'framesPerSecond' | 'bytesPerSecond'>
}

/** A message beyond what its sender may send: refused with a warning, or the last that is taken from it. */
export interface Excess {
  error: SignalError
  last: boolean
}

/** Who was warned has so long to slow down, in milliseconds, and so many messages are refused meanwhile. */
const WARNING = 1_000
const REFUSALS = 100
/** After so many milliseconds within the limits a warning is forgotten. */
const FORGIVEN = 10_000

/** A request counts as so many messages: it is decoded, checked and answered, and may be told to many. */
const REQUEST_COST = 10
/** And so many bytes of its answer as one more. */
const ANSWER_BYTES = 100

interface Meter {
  frames: TokenBucket
  bytes: TokenBucket
  warned?: { at: number; refusals: number }
}

/** How much each user sends. A user that is gone leaves nothing behind here. */
export class Rates {
  readonly #options: RatesOptions
  readonly #meters = new WeakMap<UserType, Meter>()

  constructor(options: RatesOptions) {
    this.#options = options
  }

  /** @returns undefined for a message that its sender may send */
  take(user: UserType, bytes: number): Excess | undefined {
    const { framesPerSecond, bytesPerSecond } = this.#options.limits
    if (framesPerSecond === Number.POSITIVE_INFINITY && bytesPerSecond === Number.POSITIVE_INFINITY) return undefined
    const now = this.#options.clock.now()
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

  /** A message turns out to be a request, which costs the server more than to pass a signal on. */
  chargeRequest(user: UserType): void {
    this.#meters.get(user)?.frames.charge(REQUEST_COST - 1)
  }

  /** What a request is answered costs too, or a flood of questions for everything would be cheap to ask. */
  chargeAnswer(user: UserType, bytes: number): void {
    this.#meters.get(user)?.frames.charge(bytes / ANSWER_BYTES)
  }

  #excess(meter: Meter, now: number, what: string, limit: string): Excess {
    if (meter.warned === undefined || now - meter.warned.at >= FORGIVEN) meter.warned = { at: now, refusals: 0 }
    const { warned } = meter
    warned.refusals++
    const last = now - warned.at >= WARNING || warned.refusals > REFUSALS
    const error = new SignalError('rate-limited', `Cannot take more than ${what}`, { reason: 'too-fast', limit })
    return { error, last }
  }
}
