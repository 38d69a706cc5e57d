import { StreamError } from '../../streams/mod.ts'

/**
 * How samples travel:
 *
 * - `reliable`: every sample, in order, exactly once;
 * - `latest`: the newest chunk wins; one that is lost or overtaken is not waited for;
 * - `{ deadline }`: as `latest`, but chunks queue for so many ms before they are dropped at the sender.
 */
export type Delivery = 'reliable' | 'latest' | { deadline: number }

/** What may wait for one receiver, for each stream: bytes, and seconds since the oldest of it was made. */
export interface BufferLimits {
  bytes: number
  seconds: number
}

/** What happens past the limits: whoever can wait is made to, or the oldest chunks go. */
export type Overflow = 'pause' | 'drop-oldest'

export interface DeliveryOptions {
  /** @default 'reliable' */
  delivery?: Delivery
  /** @default { bytes: 67_108_864, seconds: 60 } */
  buffer?: Partial<BufferLimits>
  /**
   * Of reliable streams. `pause`: `push` says that it is full, and a source that cannot wait loses its newest chunks;
   * `drop-oldest`: what waited longest goes. Either way what is lost is counted, and receivers see the gap.
   *
   * @default 'pause'
   */
  overflow?: Overflow
}

/** How a publication's chunks are queued, and what became of those that were dropped, on all links together. */
export interface Terms {
  readonly delivery: Delivery
  readonly buffer: BufferLimits
  readonly overflow: Overflow
  readonly dropped: { chunks: number; samples: number; bytes: number }
}

/** Counts a chunk that is not sent, of so many samples and bytes. */
export function countDropped({ dropped }: Terms, samples: number, bytes: number): void {
  dropped.chunks++
  dropped.samples += samples
  dropped.bytes += bytes
}

/** A minute of 256 channels × 2,048 Hz is twice this; of anything slower it is all. */
const DEFAULT_BUFFER: BufferLimits = { bytes: 67_108_864, seconds: 60 }

/** @throws StreamError `bad-description` for options that are none */
export function termsOf({ delivery = 'reliable', buffer, overflow = 'pause' }: DeliveryOptions): Terms {
  const limits = { ...DEFAULT_BUFFER, ...buffer }
  const named = delivery === 'reliable' || delivery === 'latest'
  if (!named && !isAbove(delivery?.deadline)) throw bad('delivery', 'reliable, latest or a deadline in ms above 0')
  if (!isAbove(limits.bytes) || !isAbove(limits.seconds)) throw bad('buffer', 'bytes and seconds above 0')
  if (overflow !== 'pause' && overflow !== 'drop-oldest') throw bad('overflow', 'pause or drop-oldest')
  return { delivery, buffer: limits, overflow, dropped: { chunks: 0, samples: 0, bytes: 0 } }
}

const isAbove = (value: unknown): boolean => typeof value === 'number' && value > 0

const bad = (option: string, what: string): StreamError =>
  new StreamError('bad-description', `Cannot publish as ${option} must be ${what}`)
