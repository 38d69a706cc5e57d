import { Fifo } from '../../protocol/both-ends.ts'
import type { Samples } from '../../streams/mod.ts'

/** Samples for a reader, and the loss before them. */
export interface QueuedSamples extends Samples {
  /** Number of samples. */
  samples: number
  /** Samples of the same track that were lost since the track's previous chunk. */
  missed: number
  /** The track that `missed` counts for. */
  track: object
}

/** Most bytes in the queue of a reader that does not read: over a minute of 64 channels × 1,000 Hz. */
const MAX_QUEUED_BYTES = 33_554_432
/** Estimated size of the objects around a chunk's samples, in bytes. */
const OVERHEAD = 256

/**
 * Buffers chunks for one reader. Beyond its limit, the queue drops the oldest chunks. The next chunk of the same track
 * counts their samples in `missed`.
 */
export class ChunkQueue<Item extends QueuedSamples> implements AsyncIterableIterator<Item, undefined>, AsyncDisposable {
  readonly #limit: number
  readonly #end: (queue: ChunkQueue<Item>) => void
  readonly #lost = new Map<object, number>()
  #items = new Fifo<Item>()
  #bytes = 0
  #waiting: ((result: IteratorResult<Item, undefined>) => void)[] = []
  #closed = false

  /**
   * @param end called once, when the reader or the stream closes the queue
   * @param limit bytes; 32 MiB by default
   */
  constructor(end: (queue: ChunkQueue<Item>) => void = () => {}, limit: number = MAX_QUEUED_BYTES) {
    this.#end = end
    this.#limit = limit
  }

  push(item: Item): void {
    if (this.#closed) return
    const reader = this.#waiting.shift()
    if (reader !== undefined) {
      reader({ done: false, value: item })
      return
    }
    this.#items.push(item)
    this.#bytes += sizeOf(item)
    while (this.#bytes > this.#limit && this.#items.length > 1) this.#drop()
  }

  /** Closes the queue. Readers can still read the buffered chunks. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const reader of this.#waiting) reader({ done: true, value: undefined })
    this.#waiting = []
    this.#end(this)
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const item = this.#take()
    if (item !== undefined) return Promise.resolve({ done: false, value: this.#withLosses(item) })
    if (this.#closed) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    this.#items = new Fifo()
    this.close()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Calls `return()` at the end of the block of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #take(): Item | undefined {
    const item = this.#items.shift()
    if (item !== undefined) this.#bytes -= sizeOf(item)
    return item
  }

  #drop(): void {
    const item = this.#take() as Item
    this.#lost.set(item.track, (this.#lost.get(item.track) ?? 0) + item.missed + item.samples)
  }

  #withLosses(item: Item): Item {
    const lost = this.#lost.get(item.track)
    if (lost === undefined) return item
    this.#lost.delete(item.track)
    return { ...item, missed: item.missed + lost }
  }
}

function sizeOf({ data, timestamps }: Samples): number {
  const values = Array.isArray(data) ? data.reduce((sum, text) => sum + text.length * 2 + 16, 0) : data.byteLength
  // A reader receives two timestamps of each sample: the source's, and that of its own clock.
  return OVERHEAD + 2 * timestamps.byteLength + values
}
