import { StreamError } from '../../streams/mod.ts'

/**
 * How samples are delivered:
 *
 * - `reliable`: every sample, in order, exactly once;
 * - `latest`: the sender queues only the newest chunk; the receiver does not wait for lost or late chunks;
 * - `{ maxAge }`: as `latest`, but the sender queues chunks for this many seconds before it drops them. Receivers see the
 *   delivery `deadline`.
 */
export type Delivery = 'reliable' | 'latest' | MaxAge | Deadline

/** Drops old chunks. */
export interface MaxAge {
  /** Seconds that a chunk may wait at the sender; above 0. */
  maxAge: number
}

/** @deprecated Use `maxAge`, which is in seconds. */
export interface Deadline {
  /** Milliseconds that a chunk may wait at the sender; above 0. */
  deadline: number
}

/** How much one stream may buffer for one receiver: bytes, and the age of the oldest chunk in seconds. */
export interface BufferLimits {
  /** Above 0. */
  bytes: number
  /** Above 0. */
  seconds: number
}

/** What a full buffer does: it pauses sources that can wait, or drops its oldest chunks. */
export type Overflow = 'pause' | 'drop-oldest'

/** How samples travel to each receiver. */
export interface DeliveryOptions {
  /** Whether every sample arrives, or old ones are dropped. @default 'reliable' */
  delivery?: Delivery
  /** How much a stream may buffer. @default { bytes: 67_108_864, seconds: 60 } */
  buffer?: Partial<BufferLimits>
  /**
   * What a full buffer of a reliable stream does. `pause`: `push` returns false, and a source that cannot wait loses
   * its newest chunks. `drop-oldest`: the buffer drops its oldest chunks. The publication counts both losses, and
   * receivers see the gap.
   *
   * @default 'pause'
   */
  overflow?: Overflow
}

/** How a publication's chunks are queued, and how many were dropped on all links together. */
export interface Terms {
  readonly delivery: 'reliable' | 'latest' | MaxAge
  readonly buffer: BufferLimits
  readonly overflow: Overflow
  readonly dropped: { chunks: number; samples: number; bytes: number }
}

export function countDropped({ dropped }: Terms, samples: number, bytes: number): void {
  dropped.chunks++
  dropped.samples += samples
  dropped.bytes += bytes
}

/** 64 MiB hold 60 s of most devices. 60 s of 256 channels at 2,048 Hz need twice as much. */
const DEFAULT_BUFFER: BufferLimits = { bytes: 67_108_864, seconds: 60 }

/** @throws StreamError `bad-description` for invalid options */
export function termsOf({ delivery = 'reliable', buffer, overflow = 'pause' }: DeliveryOptions): Terms {
  const limits = { ...DEFAULT_BUFFER, ...buffer }
  const named = delivery === 'reliable' || delivery === 'latest' ? delivery : undefined
  const maxAge = maxAgeOf(delivery)
  if (named === undefined && !isAbove(maxAge)) throw bad('delivery', 'reliable, latest or a maxAge in seconds above 0')
  if (!isAbove(limits.bytes) || !isAbove(limits.seconds)) throw bad('buffer', 'bytes and seconds above 0')
  if (overflow !== 'pause' && overflow !== 'drop-oldest') throw bad('overflow', 'pause or drop-oldest')
  return { delivery: named ?? { maxAge }, buffer: limits, overflow, dropped: { chunks: 0, samples: 0, bytes: 0 } }
}

/** @returns seconds; NaN without a usable age */
function maxAgeOf(delivery: unknown): number {
  const { maxAge, deadline } = Object(delivery)
  return maxAge ?? (isAbove(deadline) ? deadline / 1000 : Number.NaN)
}

const isAbove = (value: unknown): boolean => typeof value === 'number' && value > 0

const bad = (option: string, what: string): StreamError =>
  new StreamError('bad-description', `Cannot publish: ${option} must be ${what}`)
