import { Fifo } from '../protocol/mod.ts'
import { now, type StreamDescription } from '../streams/mod.ts'
import { encodeControl } from './control.ts'
import type { BufferLimits, Terms } from './delivery.ts'
import type { Link } from './link.ts'
import type { OutgoingChunk } from './stream-queue.ts'

/** A chunk as it was sent, and what it is to be read by. */
export interface PastChunk {
  chunk: OutgoingChunk
  description: StreamDescription
}

/** A reliable stream's newest chunks, for those who come late. */
export class History {
  readonly #terms: Terms
  readonly #limits: BufferLimits
  #chunks = new Fifo<PastChunk>()
  #bytes = 0

  /** @param terms of its publication; of the bytes it takes half, so that all of it can wait for somebody as it is */
  constructor(terms: Terms) {
    const { bytes, seconds } = terms.buffer
    this.#terms = terms
    this.#limits = { bytes: bytes / 2, seconds }
  }

  get bytes(): number {
    return this.#bytes
  }

  push(chunk: OutgoingChunk, description: StreamDescription): void {
    this.#chunks.push({ chunk, description })
    this.#bytes += chunk.bytes.length
    const { bytes, seconds } = this.#limits
    for (let { first } = this.#chunks; first !== undefined; first = this.#chunks.first) {
      if (this.#bytes <= bytes && chunk.at - first.chunk.at <= seconds) return
      this.#chunks.shift()
      this.#bytes -= first.chunk.bytes.length
    }
  }

  /** Lets go of all of it. */
  clear(): void {
    this.#chunks = new Fifo()
    this.#bytes = 0
  }

  /**
   * Sends the last so many seconds to somebody who was told the description as it is now: each chunk with its own.
   *
   * @param stream its number
   */
  replay(link: Link, stream: number, description: StreamDescription, seconds: number): void {
    const at = now()
    let told = description
    const tell = (next: StreamDescription) => {
      if (next !== told) link.sendTo(stream, encodeControl(['describe', stream, next]))
      told = next
    }
    for (const { chunk, description } of this.since(at - seconds)) {
      tell(description)
      // It begins to wait now, however old it is.
      link.sendChunk(stream, { ...chunk, at }, this.#terms)
    }
    tell(description)
  }

  /** Chunks that were made at that time, in seconds, or later; in order. */
  *since(at: number): Generator<PastChunk> {
    for (const past of this.#chunks) if (past.chunk.at >= at) yield past
  }
}
