import type { Samples } from './chunk.ts'

/** Samples on their way to a reader, with what was lost before them. */
export interface QueuedSamples extends Samples {
  /** How many samples there are. */
  samples: number
  /** Samples of the same track that were lost since its chunk before. */
  missed: number
  track: object
}

/** What a reader that does not read may cost, in bytes: over a minute of 64 channels × 1,000 Hz. */
const MAX_QUEUED_BYTES = 33_554_432
/** An estimate of what the objects around a chunk's samples take, in bytes. */
const OVERHEAD = 256

/**
 * Chunks waiting for one reader. Past the bound the oldest go first, and are counted into the `missed` of the next chunk
 * of their track.
 */
export class ChunkQueue<Item extends QueuedSamples> implements AsyncIterableIterator<Item, undefined> {
  readonly #limit: number
  readonly #end: (queue: ChunkQueue<Item>) => void
  readonly #lost = new Map<object, number>()
  #items: Item[] = []
  #head = 0
  #bytes = 0
  #waiting: ((result: IteratorResult<Item, undefined>) => void)[] = []
  #closed = false

  /** @param end called once, when the reader or the stream ends it */
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
    while (this.#bytes > this.#limit && this.#items.length - this.#head > 1) this.#drop()
  }

  /** Nothing more will come; what waits can still be read. */
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
    this.#items = []
    this.close()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(): Item | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head++
    this.#bytes -= sizeOf(item)
    // Moving the rest down now and then keeps both ends cheap.
    if (this.#head > 1024 || this.#head === this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
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
  // Readers get the source's timestamps beside those of their own clock.
  return OVERHEAD + 2 * timestamps.byteLength + values
}
