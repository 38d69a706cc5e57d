import { MAX_RECORDED_STREAMS } from '../../streams/xdf/mod.ts'
import type { RecordedPeer } from '../internal/mod.ts'
import { MAX_STREAMS, now, StreamError, TokenBucket } from '../internal/mod.ts'

/**
 * Streams of one peer that a file takes in a second. At once it takes as many as a peer may have. Each has a header,
 * which every reader of the file keeps.
 */
const RATE = 1

/** Limits the streams of each peer in a recording, so that no peer can fill the file or end the recording of others. */
export class StreamAllowance {
  /** Streams that the file lacks. */
  omitted = 0
  readonly #buckets = new WeakMap<RecordedPeer, TokenBucket>()
  readonly #reported = new WeakSet<RecordedPeer>()
  readonly #report: (error: StreamError) => void
  #left = MAX_RECORDED_STREAMS

  /** @param report called once for each peer that has too many streams */
  constructor(report: (error: StreamError) => void) {
    this.#report = report
  }

  /** Returns whether the file takes one more stream of a peer. If not, counts the stream as omitted. */
  take(peer: RecordedPeer): boolean {
    const at = now() * 1_000
    const bucket = this.#buckets.get(peer) ?? new TokenBucket(RATE, at, MAX_STREAMS)
    this.#buckets.set(peer, bucket)
    if (this.#left > 0 && bucket.take(1, at)) return --this.#left >= 0
    this.omitted++
    if (!this.#reported.has(peer)) {
      this.#reported.add(peer)
      const why = this.#left > 0 ? `it has more than ${MAX_STREAMS}` : `the file has ${MAX_RECORDED_STREAMS}`
      this.#report(new StreamError('too-many-streams', `Cannot record more streams of peer ${peer.id}: ${why}`))
    }
    return false
  }
}
