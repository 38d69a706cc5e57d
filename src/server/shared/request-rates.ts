import { setNewest, TokenBucket } from '../../protocol/mod.ts'
import { isLoopback, networkOf } from './client-address.ts'

/** Default requests a second from one address: a class behind one router can open the page at once. */
const DEFAULT_RATE = 500

/** Most addresses with a bucket. Beyond it, the address whose last request is the oldest starts with a full one. */
const MOST_ADDRESSES = 10_000

/** Limits the HTTP requests from each address. */
export class RequestRates {
  readonly #rate: number | undefined
  readonly #buckets = new Map<string, TokenBucket>()

  /** @param rate requests a second from one address; by default 500, and no limit for this machine itself */
  constructor(rate: number | undefined) {
    this.#rate = rate
  }

  /**
   * Counts one request, if its address may send it.
   *
   * @param address empty if it is unknown, which has no limit
   * @returns 0 if it may, or the seconds until it may send another
   */
  take(address: string): number {
    if (address === '' || (this.#rate === undefined && isLoopback(address))) return 0
    const now = performance.now()
    const network = networkOf(address)
    const bucket = this.#buckets.get(network) ?? new TokenBucket(this.#rate ?? DEFAULT_RATE, now)
    setNewest(this.#buckets, network, bucket, MOST_ADDRESSES)
    return bucket.take(1, now) ? 0 : bucket.wait(1)
  }

  /** Counts the cost of an answer, in requests, for a request that `take` has allowed. */
  charge(address: string, requests: number): void {
    this.#buckets.get(networkOf(address))?.charge(requests)
  }
}
