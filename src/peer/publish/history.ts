import { Fifo } from '../../protocol/both-ends.ts'
import { now, type StreamDescription } from '../../streams/mod.ts'
import type { OutgoingChunk } from '../channel/mod.ts'
import type { Receiver, Waiting } from '../link/mod.ts'
import { type BufferLimits, encodeControl, type Terms } from '../wire/mod.ts'

/** A sent chunk, the number of its first sample, and the description that decodes it. */
export interface PastChunk {
  first: number
  chunk: OutgoingChunk
  description: StreamDescription
}

/** Where a replay begins: at a sample number, or at a time in seconds. Chunks made at that time or later count. */
export type Start = { next: number } | { since: number }

/**
 * Data that may be in flight when a link breaks, beyond the link's own queue.
 *
 * - `bytes`: the window of Chromium's SCTP (5 MiB), and what the data channel holds
 * - `seconds`: how long these bytes may take
 *
 * The history keeps this much in addition, because a publisher can resend only what it still holds.
 */
export const IN_FLIGHT: BufferLimits = { bytes: 8_388_608, seconds: 10 }

/** A receiver whose link is gone. It has not received the bytes after `position`. */
interface Absence {
  position: number
  /** When the oldest chunk that waits for the receiver was made, in seconds. Undefined while none waits. */
  oldest: number | undefined
  /** When the link was lost, in seconds. */
  left: number
}

/** Keeps the newest chunks of a reliable stream, for late joiners and resumed links. */
export class History {
  readonly #terms: Terms
  readonly #limits: BufferLimits
  readonly #away = new Map<object, Absence>()
  #chunks = new Fifo<PastChunk>()
  #bytes = 0
  /** Bytes of all chunks so far, including removed ones. */
  #total = 0

  /**
   * @param terms the publication's terms. Their limits bound what may wait for one receiver. The history keeps
   *   `IN_FLIGHT` on top.
   */
  constructor(terms: Terms) {
    const { bytes, seconds } = terms.buffer
    this.#terms = terms
    this.#limits = { bytes: bytes + IN_FLIGHT.bytes, seconds: seconds + IN_FLIGHT.seconds }
  }

  get bytes(): number {
    return this.#bytes
  }

  push(first: number, chunk: OutgoingChunk, description: StreamDescription): void {
    this.#chunks.push({ first, chunk, description })
    this.#bytes += chunk.bytes.length
    this.#total += chunk.bytes.length
    for (const absence of this.#away.values()) absence.oldest ??= chunk.at
    const { bytes, seconds } = this.#limits
    for (let { first: oldest } = this.#chunks; oldest !== undefined; oldest = this.#chunks.first) {
      if (this.#bytes <= bytes && chunk.at - oldest.chunk.at <= seconds) return
      this.#chunks.shift()
      this.#bytes -= oldest.chunk.bytes.length
    }
  }

  /** Removes all chunks, and forgets the receivers that are away. */
  clear(): void {
    this.#chunks = new Fifo()
    this.#bytes = 0
    this.#away.clear()
  }

  /** The link of a receiver is gone, with this much in its queue. Later chunks wait for the receiver too. */
  leave(who: object, { bytes, seconds }: Waiting): void {
    const left = now()
    this.#away.set(who, { position: this.#total - bytes, oldest: bytes > 0 ? left - seconds : undefined, left })
  }

  /** The receiver is back, or nobody waits for it any more. */
  return(who: object): void {
    this.#away.delete(who)
  }

  /**
   * Returns what waits for the receiver that is furthest behind, of those away.
   *
   * A receiver that is away longer than the limit of the buffer does not count. Otherwise it could block the others for
   * ever.
   */
  waiting(): Waiting {
    const at = now()
    const most = { bytes: 0, seconds: 0 }
    for (const { position, oldest, left } of this.#away.values()) {
      if (oldest === undefined || at - left > this.#terms.buffer.seconds) continue
      const known = this.#chunks.first?.chunk.at ?? at
      most.bytes = Math.max(most.bytes, Math.min(this.#total - position, this.#bytes))
      most.seconds = Math.max(most.seconds, at - Math.max(oldest, known))
    }
    return most
  }

  /** Returns the chunks from there on that the history still holds, in order. */
  from(start: Start): PastChunk[] {
    const past = [...this.#chunks]
    return past.filter(({ first, chunk }) => ('next' in start ? first >= start.next : chunk.at >= start.since))
  }

  /**
   * Sends past chunks to a receiver, each under its own description. The link must already have announced the
   * description of the first chunk.
   *
   * @param stream the number of the stream
   * @param present the current description
   */
  replay(link: Receiver, stream: number, past: readonly PastChunk[], present: StreamDescription): void {
    const at = now()
    const terms = { ...this.#terms, queue: { ...this.#terms.queue, ...unbounded } }
    let told = past[0]?.description ?? present
    const tell = (next: StreamDescription) => {
      if (next !== told) link.sendTo(stream, encodeControl(['describe', stream, next]))
      told = next
    }
    for (const { chunk, description } of past) {
      tell(description)
      // The queue measures the age from now on, however old the chunk is. It must not drop chunks that the history
      // still holds, so its limits are infinite.
      link.sendChunk(stream, { ...chunk, at }, terms)
    }
    tell(present)
  }
}

const unbounded: BufferLimits = { bytes: Number.POSITIVE_INFINITY, seconds: Number.POSITIVE_INFINITY }
