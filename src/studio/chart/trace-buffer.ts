/** The newest samples of one track, in memory of a fixed size. */
export interface TraceBuffer {
  /** Hz; 0 for irregular samples. */
  readonly rate: number
  /** Channels of the track. The buffer keeps only the first of them. */
  readonly channels: number
  readonly capacity: number
  /** Times of the samples, in seconds on an axis of the track. It is a ring. */
  readonly times: Float64Array
  /** One ring for each kept channel, in step with `times`. */
  readonly values: readonly Float32Array[]
  /** Samples appended so far. */
  written: number
}

/** The fields of a chunk that a chart needs. */
export interface Samples {
  /** Sample after sample, each with all channels. */
  data: ArrayLike<number | bigint>
  timestamps: ArrayLike<number>
  /** The number of the first sample. */
  first: number
}

/** Seconds that a chart shows. */
export const WINDOW = 5
/** Most samples kept for a channel. They fill the window up to 13 kHz; a faster stream shows less of the past. */
const MOST_SAMPLES = 65_536
/** Rate that the buffer has room for if the stream has none, in Hz. */
const UNKNOWN_RATE = 1_000

/** @param kept most channels to keep. Default: all */
export function createTraceBuffer(channels: number, rate: number, kept: number = channels): TraceBuffer {
  const capacity = Math.min(MOST_SAMPLES, Math.ceil((rate || UNKNOWN_RATE) * WINDOW) + 1)
  return {
    rate,
    channels,
    capacity,
    times: new Float64Array(capacity),
    values: Array.from({ length: Math.min(channels, kept) }, () => new Float32Array(capacity)),
    written: 0,
  }
}

/**
 * Appends samples.
 *
 * With a known rate, the number of a sample gives its time. Arrival stamps come in bursts, and would draw a staircase.
 * Otherwise the timestamps give the time, in ms.
 */
export function append(buffer: TraceBuffer, { data, timestamps, first }: Samples): void {
  const { channels } = buffer
  const count = channels === 0 ? 0 : Math.floor(data.length / channels)
  for (let i = 0; i < count; i++) {
    const slot = buffer.written % buffer.capacity
    buffer.times[slot] = buffer.rate > 0 ? (first + i) / buffer.rate : (timestamps[i] as number) / 1000
    for (let channel = 0; channel < buffer.values.length; channel++) {
      ;(buffer.values[channel] as Float32Array)[slot] = Number(data[i * channels + channel])
    }
    buffer.written++
  }
}
