import { TokenBucket } from '../../protocol/both-ends.ts'
import { now, StreamError } from '../../streams/mod.ts'
import { isControl, isPublish } from '../wire/mod.ts'

/** How much the controls on one link may cost in a second, and at once. A publisher of 4,096 streams needs half of it. */
const RATE = 200
const BURST = 10_000
/** Each control costs 1, and 1 more for so many bytes. */
const BYTES = 1_024
/** Cost of a `publish`: each listener of the peer starts to follow another stream. */
const PUBLISH_COST = 16

/** Limits the controls on one link, so that a peer can cost its receivers only a small part of a core. */
export class ControlRate {
  readonly #bucket: TokenBucket

  /** @param at in ms, as in `take` */
  constructor(at: number = now() * 1_000) {
    this.#bucket = new TokenBucket(RATE, at, BURST)
  }

  /**
   * Charges a message of the ordered channel. Chunks cost nothing.
   *
   * @returns the error if there are too many controls; the caller should then close the link
   */
  take(message: Uint8Array | string, at: number = now() * 1_000): StreamError | undefined {
    if (typeof message === 'string' || !isControl(message)) return undefined
    const cost = (isPublish(message) ? PUBLISH_COST : 1) + Math.floor(message.length / BYTES)
    if (this.#bucket.take(cost, at)) return undefined
    return new StreamError('rate-limited', `Cannot accept more than ${RATE} controls a second`)
  }
}
