import { Fifo } from '../../protocol/both-ends.ts'
import { MAX_CHUNK_BYTES } from '../../streams/mod.ts'
import type { Terms } from '../wire/mod.ts'
import { type OutgoingChunk, StreamQueue } from './stream-queue.ts'

/**
 * Bytes that a stream may send in its turn: one message. A slow stream then waits for at most one message of each other
 * stream. This is deficit round robin (Shreedhar and Varghese 1995).
 */
const TURN_BYTES = MAX_CHUNK_BYTES

/**
 * Decides what a channel sends next: first controls that start something, then streams in turns, by bytes. Messages of
 * one stream stay in order.
 */
export class Scheduler {
  readonly #controls = new Fifo<Uint8Array<ArrayBuffer>>()
  readonly #queues = new Map<number, StreamQueue>()
  /** Streams that have something to send, in the order of their turns. */
  readonly #turns = new Fifo<number>()

  get isEmpty(): boolean {
    return this.#controls.length === 0 && this.#queues.size === 0
  }

  /** Bytes of all queued chunks. */
  get bytes(): number {
    let bytes = 0
    for (const queue of this.#queues.values()) bytes += queue.bytes
    return bytes
  }

  /** @returns the age of the oldest queued chunk, in seconds */
  age(now: number): number {
    let age = 0
    for (const queue of this.#queues.values()) age = Math.max(age, queue.age(now))
    return age
  }

  queueOf(stream: number): StreamQueue | undefined {
    return this.#queues.get(stream)
  }

  /** Queues a message ahead of all chunks. */
  pushFirst(bytes: Uint8Array<ArrayBuffer>): void {
    this.#controls.push(bytes)
  }

  /** Queues a message in order with the chunks of a stream. */
  pushTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#queueFor(stream).pushControl(bytes)
  }

  /** Queues a message after everything that these streams have queued now. */
  pushAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    const waiting = streams.filter((stream) => this.#queues.has(stream))
    const barrier = { bytes, streams: waiting.length }
    for (const stream of waiting) this.#queueFor(stream).pushBarrier(barrier)
    if (waiting.length === 0) this.#controls.push(bytes)
  }

  /** @returns false if the queue was full and dropped the chunk */
  push(stream: number, chunk: OutgoingChunk, terms: Terms, now: number): boolean {
    return this.#queueFor(stream).push(chunk, terms, now)
  }

  /** @returns the next message to send; undefined if there is none */
  take(now: number): Uint8Array<ArrayBuffer> | undefined {
    const control = this.#controls.shift()
    if (control !== undefined) return control
    for (let stream = this.#turns.first; stream !== undefined; stream = this.#turns.first) {
      const queue = this.#queues.get(stream) as StreamQueue
      queue.expire(now)
      if (queue.nextBytes > queue.credit) {
        this.#turns.shift()
        this.#turns.push(stream)
        queue.credit += TURN_BYTES
        continue
      }
      queue.credit -= queue.nextBytes
      const bytes = queue.take()
      if (queue.isEmpty) {
        this.#turns.shift()
        this.#queues.delete(stream)
      }
      if (bytes !== undefined) return bytes
    }
    return undefined
  }

  #queueFor(stream: number): StreamQueue {
    const known = this.#queues.get(stream)
    if (known !== undefined) return known
    const queue = new StreamQueue()
    // Start with the credit of one turn, so that the first turn sends a message.
    queue.credit = TURN_BYTES
    this.#queues.set(stream, queue)
    this.#turns.push(stream)
    return queue
  }
}
