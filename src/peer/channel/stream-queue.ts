import { Fifo } from '../../protocol/mod.ts'
import { countDropped, type Terms } from '../wire/mod.ts'

/** Samples on their way out. */
export interface OutgoingChunk {
  bytes: Uint8Array<ArrayBuffer>
  samples: number
  /** When it was made, in seconds. */
  at: number
}

/** A message that waits until several streams have sent what they had. */
export interface Barrier {
  bytes: Uint8Array<ArrayBuffer>
  /** Streams that it still waits for. */
  streams: number
}

type Item = { chunk: OutgoingChunk } | { control: Uint8Array<ArrayBuffer> } | { barrier: Barrier }

interface Bounds {
  chunks: number
  bytes: number
  seconds: number
  dropOldest: boolean
}

/** What one stream has to send to one receiver, within the bounds that its publisher chose. Controls are never dropped. */
export class StreamQueue {
  /** Bytes it may send before others have their turn; the scheduler's. */
  credit = 0
  #terms: Terms | undefined
  #bounds: Bounds | undefined
  readonly #items = new Fifo<Item>()
  /** Controls behind which all chunks were dropped. */
  readonly #controls = new Fifo<Item>()
  #chunks = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#items.length === 0 && this.#controls.length === 0
  }

  /** Seconds that the oldest chunk has waited. */
  age(now: number): number {
    const { first } = this.#items
    if (first !== undefined && 'chunk' in first) return now - first.chunk.at
    // Few controls lie in front of it.
    for (const item of this.#items) if ('chunk' in item) return now - item.chunk.at
    return 0
  }

  pushControl(control: Uint8Array<ArrayBuffer>): void {
    this.#items.push({ control })
  }

  pushBarrier(barrier: Barrier): void {
    this.#items.push({ barrier })
  }

  /** @returns false where the chunk found no room and was dropped */
  push(chunk: OutgoingChunk, terms: Terms, now: number): boolean {
    if (this.#terms !== terms) {
      this.#terms = terms
      this.#bounds = boundsOf(terms)
    }
    const { chunks, bytes, seconds, dropOldest } = this.#bounds as Bounds
    if (!dropOldest && (this.#bytes + chunk.bytes.length > bytes || this.age(now) > seconds)) {
      countDropped(terms, chunk.samples, chunk.bytes.length)
      return false
    }
    this.#items.push({ chunk })
    this.#chunks++
    this.#bytes += chunk.bytes.length
    if (dropOldest) {
      while (this.#chunks > 1 && (this.#chunks > chunks || this.#bytes > bytes)) this.#dropOldest()
      this.expire(now)
    }
    return true
  }

  /** Drops what has waited too long, where the oldest may be dropped. */
  expire(now: number): void {
    const bounds = this.#bounds
    if (!bounds?.dropOldest) return
    while (this.#chunks > 0 && this.age(now) > bounds.seconds) this.#dropOldest()
  }

  /** Bytes of the message that is next; 0 for a barrier, which others may have to let pass. */
  get nextBytes(): number {
    const item = this.#controls.first ?? this.#items.first
    if (item === undefined || 'barrier' in item) return 0
    return ('chunk' in item ? item.chunk.bytes : item.control).length
  }

  /** @returns undefined where nothing is to be sent now */
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

function boundsOf({ delivery, buffer, overflow }: Terms): Bounds {
  const all = Number.POSITIVE_INFINITY
  if (delivery === 'latest') return { ...buffer, chunks: 1, dropOldest: true }
  if (delivery === 'reliable') return { ...buffer, chunks: all, dropOldest: overflow === 'drop-oldest' }
  return { bytes: buffer.bytes, seconds: delivery.deadline / 1000, chunks: all, dropOldest: true }
}
