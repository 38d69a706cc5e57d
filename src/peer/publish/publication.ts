import type { TypedTarget } from '../shared/mod.ts'
import type { DescriptionChanges } from './publish-options.ts'

/** The events of a publication, with the type of each. */
export interface PublicationEvents {
  /**
   * Values did not fit their format, or a link could not send media. Publishing continues. If the source failed,
   * `close` follows.
   */
  error: CustomEvent<Error>
  /** The publication has stopped. Its source has ended or failed, you have left the room, or the app called `stop()`. */
  close: Event
}

/** Counts of a publication so far, and its current queue. */
export interface PublicationStats {
  /** Samples taken from the source. */
  samples: number
  /** Samples that did not fit their format, or the largest message. */
  refused: number
  /** Messages of samples that were sent. Each counts once, however many receivers it has. */
  chunks: number
  /** Bytes of these messages. */
  bytes: number
  /**
   * Dropped chunks: the queue was full, or the chunk was overtaken or too old. Each counts once for every receiver that
   * it was meant for.
   */
  droppedChunks: number
  /** Samples in the dropped chunks. */
  droppedSamples: number
  /** Bytes of the dropped chunks. */
  droppedBytes: number
  /** Bytes in the longest queue of the receiver that is furthest behind. */
  queuedBytes: number
  /** Age of the oldest chunk in such a queue, in seconds. */
  queueAge: number
}

/** A source that this user publishes in a room. It follows the tracks of the source until it stops. */
export interface Publication extends TypedTarget<PublicationEvents>, AsyncDisposable {
  /** Unique among this user's publications in the room. */
  readonly id: string
  /** The `name` of the options, or else the source's own. */
  readonly name: string
  /** As in `stats()`. */
  readonly samples: number
  /** As in `stats()`. */
  readonly refused: number
  /** As in `stats()`. */
  readonly chunks: number
  /** As in `stats()`. */
  readonly bytes: number
  /** `droppedChunks` of `stats()`. */
  readonly dropped: number
  /**
   * Whether the longest queue exceeds half of its limits. A source that can wait should then wait for `drained()`.
   *
   * Always false unless the delivery is reliable and `overflow` is `pause`.
   */
  readonly full: boolean

  /** Returns the counts so far, and the current queue. */
  stats(): PublicationStats

  /**
   * Changes the descriptions of all streams of the publication, for late joiners too. Receivers get the change in order
   * with the samples.
   *
   * @param changes the fields to change. The others stay as they are.
   * @throws StreamError `bad-description` if a change is invalid, and then changes nothing. After the first sample, the
   *   format and the number of channels cannot change.
   *
   * @example
   * ```ts
   * import type { Publication } from 'datastreams-webrtc/peer'
   *
   * export function relabel(publication: Publication): void {
   *   publication.describe({ labels: ['Fp1', 'Fp2'], unit: 'µV', metadata: { cap: 'M' } })
   * }
   * ```
   */
  describe(changes: DescriptionChanges): void

  /**
   * Waits for room in the buffer.
   *
   * @returns a promise that resolves when the publication is no longer full, or has stopped
   *
   * @example
   * ```ts
   * import type { PushPublication } from 'datastreams-webrtc/peer'
   *
   * export async function replay(publication: PushPublication, packets: Float32Array[]): Promise<void> {
   *   for (const packet of packets) if (!publication.push(packet)) await publication.drained()
   * }
   * ```
   */
  drained(): Promise<void>

  /**
   * Ends the publication and notifies its receivers. It still sends the samples that it has already taken. Later calls
   * do nothing.
   */
  stop(): void

  /**
   * Waits for the receivers, those included that are away.
   *
   * @returns a promise that resolves when the publication has stopped, and every receiver has acknowledged all of it or
   *   has left
   *
   * @example
   * ```ts
   * import type { Publication } from 'datastreams-webrtc/peer'
   *
   * export async function finish(publication: Publication): Promise<void> {
   *   publication.stop()
   *   await publication.delivered() // only now may the program end
   * }
   * ```
   */
  delivered(): Promise<void>

  /**
   * Calls `stop()` at the end of the block of an `await using`. It does not wait for the receivers, as `delivered()`
   * does.
   *
   * @example
   * ```ts
   * import type { Membership } from 'datastreams-webrtc/peer'
   *
   * export async function mark(room: Membership, texts: AsyncIterable<string>): Promise<void> {
   *   await using markers = room.publish({ name: 'Markers', format: 'string' })
   *   for await (const text of texts) markers.push([text])
   *   markers.stop()
   *   await markers.delivered()
   * } // if `texts` fails, the publication stops too
   * ```
   */
  [Symbol.asyncDispose](): Promise<void>
}

/** A publication of one stream that the app fills with `push`. */
export interface PushPublication extends Publication {
  /**
   * Sends samples. They leave together at the end of the current task, or earlier when a chunk of 16 KiB is full.
   *
   * A value that does not fit the format causes an `error` event and counts in `stats().refused`. After `stop()`, `push`
   * ignores its values.
   *
   * @param values sample after sample: samples × channels. `push` copies a typed array.
   * @param timestamps in seconds, or in the `timeUnit`; one for each sample, or one for all. Without any, the last
   *   sample is taken now. The others precede it at the nominal rate.
   * @returns false if the publication is full or has stopped. If it is full, wait for `drained()`
   */
  push(values: ArrayLike<unknown>, timestamps?: ArrayLike<number> | number): boolean
}
