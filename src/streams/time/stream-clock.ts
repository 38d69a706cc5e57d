import type { Samples } from '../chunks/mod.ts'
import type { StreamDescription } from '../description/mod.ts'
import { createBlockDejitter } from './dejitter.ts'
import type { RemoteClock } from './remote-clock.ts'

/** The times of samples, on the receiver's clock. */
export interface SampleTimes {
  /** One for each sample, in seconds. */
  timestamps: Float64Array<ArrayBuffer>
  /** Largest error that all timestamps share, in seconds. Infinity until the clocks were compared. */
  timeError: number
}

/** The fields of a description that decide how its timestamps are read. */
export type StreamTiming = Pick<StreamDescription, 'nominalRate' | 'timeUnit' | 'dejitter'>

/** Converts the timestamps of a stream's chunks, which must come in order. `now` is the receiver's time in seconds. */
export type StreamClock = (samples: Samples, now: number) => SampleTimes

/**
 * Creates a converter from the source's timestamps to seconds on the receiver's clock. It smooths them if the stream
 * has a nominal rate, unless the description has `dejitter: false`.
 */
export function createStreamClock(timing: StreamTiming, clock: RemoteClock): StreamClock {
  const straighten = createBlockDejitter(timing.dejitter === false ? 0 : timing.nominalRate)
  const second = timing.timeUnit === 's' ? 1 : 1000
  let last = -1
  return ({ timestamps: given, first }, now) => {
    const timestamps = new Float64Array(given.length)
    for (let i = 0; i < given.length; i++) timestamps[i] = (given[i] as number) / second
    // The sample number shows how many samples were lost before the first one.
    straighten(timestamps, first - last)
    last = first + given.length - 1
    toOwn(timestamps, clock, now)
    return { timestamps, timeError: clock.errorBound(now) }
  }
}

/**
 * Converts timestamps to the receiver's clock, in place. Within a chunk, the clocks drift apart along a straight line.
 * Therefore, the first and the last timestamp are enough to convert those between. The function converts any other
 * timestamp alone: one out of order, or one that is not a number.
 */
function toOwn(timestamps: Float64Array, clock: RemoteClock, now: number): void {
  const begin = timestamps[0] as number
  const span = (timestamps.at(-1) as number) - begin
  const shift = clock.toOwn(begin, now) - begin
  const slope = (clock.toOwn(begin + span, now) - (begin + span) - shift) / span
  for (let i = 0; i < timestamps.length; i++) {
    const stamp = timestamps[i] as number
    const part = stamp - begin
    timestamps[i] = span > 0 && part >= 0 && part <= span ? stamp + (shift + slope * part) : clock.toOwn(stamp, now)
  }
}
