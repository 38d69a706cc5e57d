import type { Samples } from '../chunks/mod.ts'
import type { StreamDescription } from '../description/mod.ts'
import { createDejitter } from './dejitter.ts'
import type { RemoteClock } from './remote-clock.ts'

/** When samples were taken, by the clock of whom receives them. */
export interface SampleTimes {
  /** One for each sample, in seconds. */
  timestamps: Float64Array<ArrayBuffer>
  /** Seconds that all of them may be off together; Infinity while the clocks are not known. */
  timeError: number
}

/** What decides how a stream's timestamps are read. */
export type StreamTiming = Pick<StreamDescription, 'nominalRate' | 'timeUnit' | 'dejitter'>

/** Reads the timestamps of a stream's chunks, which must come in order; `now` is the receiver's time in seconds. */
export type StreamClock = (samples: Samples, now: number) => SampleTimes

/**
 * Turns the stamps that a source gave into the receiver's time: in seconds, straightened where the stream has a rate and
 * its description does not forbid it, by the receiver's clock.
 */
export function createStreamClock(timing: StreamTiming, clock: RemoteClock): StreamClock {
  const straighten = createDejitter(timing.dejitter === false ? 0 : timing.nominalRate)
  const second = timing.timeUnit === 's' ? 1 : 1000
  let last = -1
  return ({ timestamps: given, first }, now) => {
    const timestamps = new Float64Array(given.length)
    for (let i = 0; i < given.length; i++) {
      // The number tells what was lost in between.
      const stamp = straighten((given[i] as number) / second, first + i - last)
      last = first + i
      timestamps[i] = stamp
    }
    toOwn(timestamps, clock, now)
    return { timestamps, timeError: clock.errorBound(now) }
  }
}

/**
 * By the receiver's clock, in place. Within a chunk the clocks drift apart along a straight line, so its ends tell all
 * of it; where they do not (stamps that are no numbers, or out of order), each is asked for itself.
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
