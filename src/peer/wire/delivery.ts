import { type ChunkLayout, encodeChunk, type Samples, StreamError } from '../../streams/mod.ts'
import { encodeMarkedChunk } from './layout-hash.ts'

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

/** Limits of the queue of one stream for one receiver, and which chunks it drops beyond them. */
export interface QueueLimits extends BufferLimits {
  /** Most chunks. */
  chunks: number
  /** Whether a full queue drops its oldest chunks. Otherwise it rejects new ones. */
  dropsOldest: boolean
}

/**
 * What follows from the options of a publication. `termsOf` decides it once, and all layers below only read it: encoder,
 * history, channel and queue.
 */
export interface Terms {
  /** Whether every sample arrives in order: over the ordered channel, and again from the history if a link is lost. */
  readonly reliable: boolean
  /** The delivery that `publish` announces. */
  readonly announced: 'latest' | 'deadline' | undefined
  /** Whether a full buffer pauses the source. */
  readonly pauses: boolean
  readonly buffer: BufferLimits
  readonly queue: QueueLimits
  /** How much was dropped on all links together. */
  readonly dropped: { chunks: number; samples: number; bytes: number }
  /** Encodes samples as the message of the stream's channel. */
  encode(stream: number, samples: Samples, layout: ChunkLayout): Uint8Array<ArrayBuffer>
}

export function countDropped({ dropped }: Terms, samples: number, bytes: number): void {
  dropped.chunks++
  dropped.samples += samples
  dropped.bytes += bytes
}

/** 64 MiB hold 60 s of most devices. 60 s of 256 channels at 2,048 Hz need twice as much. */
const DEFAULT_BUFFER: BufferLimits = { bytes: 67_108_864, seconds: 60 }

/** @throws StreamError `bad-description` for invalid options */
export function termsOf({ delivery = 'reliable', buffer: limits, overflow = 'pause' }: DeliveryOptions): Terms {
  if (limits !== undefined && (typeof limits !== 'object' || limits === null)) throw bad('buffer', 'an object')
  const buffer = { ...DEFAULT_BUFFER, ...limits }
  const maxAge = delivery === 'reliable' || delivery === 'latest' ? undefined : maxAgeOf(delivery)
  if (maxAge !== undefined && !isAbove(maxAge)) throw bad('delivery', 'reliable, latest or a maxAge in seconds above 0')
  if (!isAbove(buffer.bytes) || !isAbove(buffer.seconds)) throw bad('buffer', 'bytes and seconds above 0')
  if (overflow !== 'pause' && overflow !== 'drop-oldest') throw bad('overflow', 'pause or drop-oldest')
  const shared = { buffer, dropped: { chunks: 0, samples: 0, bytes: 0 } }
  const chunks = Number.POSITIVE_INFINITY
  if (delivery === 'reliable') {
    const pauses = overflow === 'pause'
    const queue = { ...buffer, chunks, dropsOldest: !pauses }
    return { ...shared, reliable: true, announced: undefined, pauses, queue, encode: encodeChunk }
  }
  const queue = maxAge === undefined ? { ...buffer, chunks: 1 } : { bytes: buffer.bytes, seconds: maxAge, chunks }
  return {
    ...shared,
    reliable: false,
    announced: maxAge === undefined ? 'latest' : 'deadline',
    pauses: false,
    queue: { ...queue, dropsOldest: true },
    encode: encodeMarkedChunk,
  }
}

/** @returns seconds; NaN without a usable age */
function maxAgeOf(delivery: unknown): number {
  const { maxAge, deadline } = Object(delivery)
  return maxAge ?? (isAbove(deadline) ? deadline / 1000 : Number.NaN)
}

const isAbove = (value: unknown): boolean => typeof value === 'number' && value > 0

const bad = (option: string, what: string): StreamError =>
  new StreamError('bad-description', `Cannot publish: ${option} must be ${what}`)
