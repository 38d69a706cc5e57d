import { Fifo } from '../../protocol/mod.ts'
import { now, type StreamDescription } from '../../streams/mod.ts'
import type { OutgoingChunk } from '../channel/mod.ts'
import type { Receiver, Waiting } from '../link/mod.ts'
import { type BufferLimits, encodeControl, type Terms } from '../wire/mod.ts'

/** A chunk as it was sent, the number of its first sample, and what it is to be read by. */
export interface PastChunk {
  first: number
  chunk: OutgoingChunk
  description: StreamDescription
}

/** Where somebody's past begins: at a sample's number, or with what was made at a time, in seconds, or later. */
export type Start = { next: number } | { since: number }

/**
 * What may be on its way when a link breaks, beyond what waited in its queue: the window of Chromium's SCTP, 5 MiB, and
 * what is in the channel; and the seconds that may take. Only what is still known can be sent again.
 */
export const IN_FLIGHT: BufferLimits = { bytes: 8_388_608, seconds: 10 }

/** Somebody whose link is gone: what was pushed behind these bytes has not reached them. */
interface Absence {
  position: number
  /** When the oldest of what waits for them was made, once there is any, and when they went, in seconds. */
  oldest: number | undefined
  left: number
}

/** A reliable stream's newest chunks, for those who come late or come back. */
export class History {
  readonly #terms: Terms
  readonly #limits: BufferLimits
  readonly #away = new Map<object, Absence>()
  #chunks = new Fifo<PastChunk>()
  #bytes = 0
  /** All bytes there ever were. */
  #total = 0

  /** @param terms of its publication, whose bounds say how much may wait for somebody; what is on its way comes on top */
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

  /** Lets go of all of it. */
  clear(): void {
    this.#chunks = new Fifo()
    this.#bytes = 0
    this.#away.clear()
  }

  /** Somebody's link is gone, with this much in its queue; what comes from now on waits for them, too. */
  leave(who: object, { bytes, seconds }: Waiting): void {
    const left = now()
    this.#away.set(who, { position: this.#total - bytes, oldest: bytes > 0 ? left - seconds : undefined, left })
  }

  /** They are back, or nobody waits for them. */
  return(who: object): void {
    this.#away.delete(who)
  }

  /**
   * What waits for whoever is furthest behind of those away. Who stays away for longer than things may wait counts no
   * more, so that nobody holds up the others for ever.
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

  /** What there still is from there on, in order. */
  from(start: Start): PastChunk[] {
    const past = [...this.#chunks]
    return past.filter(({ first, chunk }) => ('next' in start ? first >= start.next : chunk.at >= start.since))
  }

  /**
   * Sends past chunks, each by its own description, to somebody who was told the first one's.
   *
   * @param stream its number
   * @param present the description as it is now
   */
  replay(link: Receiver, stream: number, past: readonly PastChunk[], present: StreamDescription): void {
    const at = now()
    const terms = { ...this.#terms, buffer: unbounded }
    let told = past[0]?.description ?? present
    const tell = (next: StreamDescription) => {
      if (next !== told) link.sendTo(stream, encodeControl(['describe', stream, next]))
      told = next
    }
    for (const { chunk, description } of past) {
      tell(description)
      // It begins to wait now, however old it is; and what is known is not dropped for want of room.
      link.sendChunk(stream, { ...chunk, at }, terms)
    }
    tell(present)
  }
}

const unbounded: BufferLimits = { bytes: Number.POSITIVE_INFINITY, seconds: Number.POSITIVE_INFINITY }
