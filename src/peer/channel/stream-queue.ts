import { Fifo } from '../../protocol/both-ends.ts'
import { countDropped, type Terms } from '../wire/mod.ts'

/** Encoded samples to send. */
export interface OutgoingChunk {
  bytes: Uint8Array<ArrayBuffer>
  samples: number
  /** When the publisher created it, in seconds. */
  at: number
}

/** A message that waits until several streams have sent everything before it. */
export interface Barrier {
  bytes: Uint8Array<ArrayBuffer>
  /** Number of streams that it still waits for. */
  streams: number
}

type Item = { chunk: OutgoingChunk } | { control: Uint8Array<ArrayBuffer> } | { barrier: Barrier }

/** Queue of one stream for one receiver, within the publisher's limits. It never drops controls. */
export class StreamQueue {
  /** Bytes that the stream may send before the next stream's turn; the scheduler sets it. */
  credit = 0
  #terms: Terms | undefined
  readonly #items = new Fifo<Item>()
  /** Controls that were queued before a dropped chunk. They go first. */
  readonly #controls = new Fifo<Item>()
  #chunks = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#items.length === 0 && this.#controls.length === 0
  }

  /** @returns the age of the oldest chunk, in seconds */
  age(now: number): number {
    const { first } = this.#items
    if (first !== undefined && 'chunk' in first) return now - first.chunk.at
    // This loop is short: few controls precede the oldest chunk.
    for (const item of this.#items) if ('chunk' in item) return now - item.chunk.at
    return 0
  }

  pushControl(control: Uint8Array<ArrayBuffer>): void {
    this.#items.push({ control })
  }

  pushBarrier(barrier: Barrier): void {
    this.#items.push({ barrier })
  }

  /** @returns false if the queue was full and dropped the chunk */
  push(chunk: OutgoingChunk, terms: Terms, now: number): boolean {
    this.#terms = terms
    const { chunks, bytes, seconds, dropsOldest } = terms.queue
    if (!dropsOldest && (this.#bytes + chunk.bytes.length > bytes || this.age(now) > seconds)) {
      countDropped(terms, chunk.samples, chunk.bytes.length)
      return false
    }
    this.#items.push({ chunk })
    this.#chunks++
    this.#bytes += chunk.bytes.length
    if (dropsOldest) {
      while (this.#chunks > 1 && (this.#chunks > chunks || this.#bytes > bytes)) this.#dropOldest()
      this.expire(now)
    }
    return true
  }

  /** Drops chunks that have waited too long, if the limits allow dropping the oldest. */
  expire(now: number): void {
    const limits = this.#terms?.queue
    if (!limits?.dropsOldest) return
    while (this.#chunks > 0 && this.age(now) > limits.seconds) this.#dropOldest()
  }

  /** Bytes of the next message; 0 for a barrier, which may still wait for other streams. */
  get nextBytes(): number {
    const item = this.#controls.first ?? this.#items.first
    if (item === undefined || 'barrier' in item) return 0
    return ('chunk' in item ? item.chunk.bytes : item.control).length
  }

  /** @returns the next message; undefined if the queue is empty or a barrier still waits */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const item = this.#controls.shift() ?? this.#items.shift()
    if (item === undefined) return undefined
    if ('control' in item) return item.control
    if ('barrier' in item) return --item.barrier.streams === 0 ? item.barrier.bytes : undefined
    this.#chunks--
    this.#bytes -= item.chunk.bytes.length
    return item.chunk.bytes
  }

  #dropOldest(): void {
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      if (!('chunk' in item)) {
        this.#controls.push(item)
        continue
      }
      this.#chunks--
      this.#bytes -= item.chunk.bytes.length
      countDropped(this.#terms as Terms, item.chunk.samples, item.chunk.bytes.length)
      return
    }
  }
}
