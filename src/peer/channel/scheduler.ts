import { Fifo } from '../../protocol/mod.ts'
import { MAX_CHUNK_BYTES } from '../../streams/mod.ts'
import type { Terms } from '../wire/mod.ts'
import { type OutgoingChunk, StreamQueue } from './stream-queue.ts'

/**
 * What a stream may send in its turn, in bytes: one message, so that whoever has little to say waits for no more than
 * one message of each other stream (deficit round robin, Shreedhar and Varghese 1995).
 */
const TURN_BYTES = MAX_CHUNK_BYTES

/**
 * Decides what a channel sends next: controls that start something first, then the streams in turns, by bytes. Each
 * stream's messages stay in order.
 */
export class Scheduler {
  readonly #controls = new Fifo<Uint8Array<ArrayBuffer>>()
  readonly #queues = new Map<number, StreamQueue>()
  /** Streams that have something to send, in the order of their turns. */
  readonly #turns = new Fifo<number>()

  get isEmpty(): boolean {
    return this.#controls.length === 0 && this.#queues.size === 0
  }

  /** Bytes of chunks that wait, of all streams. */
  get bytes(): number {
    let bytes = 0
    for (const queue of this.#queues.values()) bytes += queue.bytes
    return bytes
  }

  /** Seconds that the oldest chunk of all has waited. */
  age(now: number): number {
    let age = 0
    for (const queue of this.#queues.values()) age = Math.max(age, queue.age(now))
    return age
  }

  queueOf(stream: number): StreamQueue | undefined {
    return this.#queues.get(stream)
  }

  /** Takes a message that goes ahead of all chunks. */
  pushFirst(bytes: Uint8Array<ArrayBuffer>): void {
    this.#controls.push(bytes)
  }

  /** Takes a message that keeps its place among a stream's chunks. */
  pushTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#queueFor(stream).pushControl(bytes)
  }

  /** Takes a message that goes once all that these streams have now is sent. */
  pushAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    const waiting = streams.filter((stream) => this.#queues.has(stream))
    const barrier = { bytes, streams: waiting.length }
    for (const stream of waiting) this.#queueFor(stream).pushBarrier(barrier)
    if (waiting.length === 0) this.#controls.push(bytes)
  }

  /** @returns false where the chunk found no room and was dropped */
  push(stream: number, chunk: OutgoingChunk, terms: Terms, now: number): boolean {
    return this.#queueFor(stream).push(chunk, terms, now)
  }

  /** @returns what is to be sent now */
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
    // Its first turn brings its first message.
    queue.credit = TURN_BYTES
    this.#queues.set(stream, queue)
    this.#turns.push(stream)
    return queue
  }
}
