/** The newest samples of one track in memory that never grows. */
export interface TraceBuffer {
  /** Hz; 0 where samples come when they come. */
  readonly rate: number
  /** Of the track; the first of them are kept. */
  readonly channels: number
  readonly capacity: number
  /** When each sample was taken, in seconds on an axis of the track's own; a ring. */
  readonly times: Float64Array
  /** One ring for each channel that is kept, in step with `times`. */
  readonly values: readonly Float32Array[]
  /** Samples appended since the beginning. */
  written: number
}

/** What a chunk of any source has. */
export interface Samples {
  /** Sample after sample, each with all channels. */
  data: ArrayLike<number | bigint>
  timestamps: ArrayLike<number>
  /** The number of the first of them. */
  first: number
}

/** Seconds that a chart shows. */
export const WINDOW = 5
/** Most samples kept for a channel: enough for the window up to 13 kHz; a faster stream shows less of the past. */
const MOST_SAMPLES = 65_536
/** What a stream without a rate is given room for, in Hz. */
const UNKNOWN_RATE = 1_000

/** @param kept channels that there is room for */
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
 * Appends samples. Where the rate is known a sample's number is its time: arrival stamps come in bursts, and a chart by
 * them would be a staircase. Else the stamps are taken, in ms.
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
