import {
  layouts,
  type NumericArray,
  type NumericFormat,
  type StreamDescription,
  type Values,
} from '../description/mod.ts'
import { MAX_CHUNK_BYTES, MAX_MESSAGE_BYTES, StreamError } from '../shared/mod.ts'
import { MAX_HEADER_BYTES, readElements, writeHeader } from './chunk-header.ts'
import { packStrings, STRING_OVERHEAD, unpackStrings } from './strings.ts'

/** The fields of a description that decide the layout of a chunk. */
export type ChunkLayout = Pick<StreamDescription, 'format' | 'nominalRate' | 'channels' | 'timeUnit'>

/** Consecutive samples of one stream. */
export interface Samples {
  /** Sample after sample: samples × channels. */
  data: Values
  /** One for each sample, in the description's `timeUnit`. */
  timestamps: Float64Array<ArrayBuffer>
  /** Number of the first sample; a stream counts from 0. */
  first: number
}

/** A received message. Reading its payload needs the stream's description. */
export interface ChunkHeader {
  /** The number that the publisher chose for the stream, from 0. Another publisher may use the same number. */
  stream: number
  /** Number of the first sample; a stream counts from 0. Samples between the previous chunk and this one are lost. */
  first: number
  /** Timestamp of the first sample, in the description's `timeUnit`, on the publisher's clock. */
  timestamp: number
  /** How many samples the chunk has, from 1. */
  samples: number
  /** 1 if the payload starts with a float64 timestamp for each sample, otherwise 0. */
  flags: number
  /** Timestamps, if `flags` is 1, and then the values. A view on the received bytes. */
  payload: Uint8Array
}

/** Flag: the payload starts with one float64 timestamp for each sample. */
const EXPLICIT_TIMESTAMPS = 1
/** Room for an envelope around a chunk, such as `[mark, chunk]`, which then still fits in 16 KiB. */
const ENVELOPE_BYTES = 6
/** Bytes for samples and their timestamps in 16 KiB. */
const MAX_SAMPLES_BYTES = MAX_CHUNK_BYTES - MAX_HEADER_BYTES - ENVELOPE_BYTES

/** Most bytes of strings and their timestamps in a chunk of 16 KiB. */
export const STRINGS_PER_CHUNK_BYTES: number = MAX_SAMPLES_BYTES - STRING_OVERHEAD
/** Most bytes of one sample of strings, so that its message stays within its limit. */
export const MAX_STRINGS_BYTES: number = MAX_MESSAGE_BYTES - MAX_HEADER_BYTES - 32

/**
 * Returns how many samples always fit in 16 KiB; at least one, for any number of channels.
 *
 * @param stamps whether the chunk has a timestamp for each sample
 */
export function samplesPerChunk({ format, channels }: ChunkLayout, stamps = true): number {
  const bytes = format === 'string' ? 0 : channels.length * layouts[format].bytes
  return Math.max(1, Math.floor(MAX_SAMPLES_BYTES / (bytes + (stamps || bytes === 0 ? 8 : 0))))
}

/**
 * Encodes samples as one message: the msgpack array `[stream, first, timestamp, samples, flags, payload]`. The payload
 * has the values as raw little-endian numbers, or as a msgpack array of strings. It omits the timestamps if the nominal
 * rate yields exactly the same float64 values.
 */
export function encodeChunk(stream: number, samples: Samples, layout: ChunkLayout): Uint8Array<ArrayBuffer> {
  const { data, timestamps, first } = samples
  const explicit = !deducible(timestamps, periodOf(layout))
  const values = bytesOf(data, layout)
  const stamps = explicit ? timestamps.byteLength : 0
  const length = stamps + values.length
  const flags = explicit ? EXPLICIT_TIMESTAMPS : 0
  const bytes = writeHeader(stream, first, timestamps[0] as number, timestamps.length, flags, length)
  const end = bytes.length - length
  if (explicit) bytes.set(bytesUnder(timestamps), end)
  bytes.set(values, end + stamps)
  return bytes
}

/**
 * Reads a message up to its payload. The payload of the result is a view.
 *
 * @throws StreamError `bad-chunk` if the message is not a valid chunk
 */
export function readChunk(bytes: Uint8Array): ChunkHeader {
  const [stream, first, timestamp, samples, flags, payload] = readElements(bytes)
  if (!isCount(stream) || !isCount(first) || !isCount(samples) || samples === 0 || !isCount(first + samples)) {
    throw bad('its numbers must be integers from 0, and it must have samples')
  }
  if (typeof timestamp !== 'number') throw bad('its timestamp must be a number')
  if (flags !== 0 && flags !== EXPLICIT_TIMESTAMPS) throw bad('it has flags that are not known')
  if (!(payload instanceof Uint8Array)) throw bad('its sixth and last element must be bytes')
  return { stream, first, timestamp, samples, flags, payload }
}

/**
 * Returns the samples of a chunk, in new buffers.
 *
 * @throws StreamError `bad-chunk` if the payload does not exactly match the header and the description
 */
export function unpackChunk(header: ChunkHeader, layout: ChunkLayout): Samples {
  const { first, timestamp, samples, flags, payload } = header
  const stamps = flags === EXPLICIT_TIMESTAMPS ? samples * 8 : 0
  const count = samples * layout.channels.length
  // Each value takes at least one byte, so the received bytes bound the allocations below.
  if (count > payload.length - stamps) throw bad(`${payload.length} bytes are too few for ${samples} samples`)
  const timestamps = stamps > 0 ? stampsIn(payload, samples) : deduce(timestamp, samples, layout)
  const { format } = layout
  if (format === 'string') return { data: unpackStrings(payload.subarray(stamps), count), timestamps, first }
  if (payload.length !== stamps + count * layouts[format].bytes) {
    throw bad(`${payload.length} bytes are not ${samples} samples of ${layout.channels.length} × ${format}`)
  }
  return { data: numbersIn(stamps > 0 ? payload.subarray(stamps) : payload, count, format), timestamps, first }
}

const bad = (why: string): StreamError => new StreamError('bad-chunk', `Cannot read a chunk: ${why}`)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function deduce(timestamp: number, samples: number, layout: ChunkLayout): Float64Array<ArrayBuffer> {
  const timestamps = new Float64Array(samples)
  const period = periodOf(layout)
  for (let i = 0; i < samples; i++) timestamps[i] = stampOf(timestamp, i, period)
  return timestamps
}

/** Sender and receiver use this same formula, so that both compute exactly the same float64. */
const stampOf = (first: number, i: number, period: number): number => first + i * period

/** Time between two samples, in the stream's `timeUnit`; 0 for an irregular stream. */
function periodOf({ nominalRate, timeUnit }: ChunkLayout): number {
  if (nominalRate === 0) return 0
  return (timeUnit === 's' ? 1 : 1000) / nominalRate
}

function deducible(timestamps: Float64Array, period: number): boolean {
  const first = timestamps[0] as number
  // Explicit timestamps keep the bits of a NaN. They also keep −0, which the formula would turn into 0.
  if (Number.isNaN(first)) return false
  for (let i = 0; i < timestamps.length; i++) {
    const stamp = stampOf(first, i, period)
    if (timestamps[i] !== stamp || (stamp === 0 && !Object.is(timestamps[i], stamp))) return false
  }
  return true
}

function bytesOf(data: Values, { format }: ChunkLayout): Uint8Array<ArrayBuffer> {
  if (Array.isArray(data)) return packStrings(data)
  return format === 'int24' ? toInt24(data) : bytesUnder(data)
}

/**
 * Numbers are little-endian on the wire. So is every machine that runs a WebRTC stack, so the bytes need no swapping.
 */
const bytesUnder = ({ buffer, byteOffset, byteLength }: NumericArray): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer, byteOffset, byteLength)

function toInt24(values: NumericArray): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * layouts['int24' satisfies NumericFormat].bytes)
  for (let i = 0, at = 0; i < values.length; i++) {
    const value = values[i] as number
    bytes[at++] = value
    bytes[at++] = value >> 8
    bytes[at++] = value >> 16
  }
  return bytes
}

// Copy into arrays that have buffers of their own. To copy the bytes first, and view them then, takes twice the objects.

function numbersIn(bytes: Uint8Array, count: number, format: NumericFormat): NumericArray {
  if (format === 'int24') return layouts.int24.over(new Uint8Array(bytes).buffer, count)
  const values = layouts[format].make(count)
  bytesUnder(values).set(bytes)
  return values
}

function stampsIn(bytes: Uint8Array, count: number): Float64Array<ArrayBuffer> {
  const timestamps = new Float64Array(count)
  bytesUnder(timestamps).set(bytes.subarray(0, timestamps.byteLength))
  return timestamps
}
