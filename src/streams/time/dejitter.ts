/** Seconds after which a timestamp has half its weight, as in Lab Streaming Layer. */
const HALF_LIFE = 90

/**
 * The filter restarts at a timestamp that is further than this from its expected time, in seconds. For slow streams,
 * the limit is 10 samples.
 */
const GAP = 1
/**
 * The filter also restarts after a shift: timestamps are off by more than `SHIFT`, on one side, for longer than
 * `SHIFT_LASTS`. Both are in seconds. The source then paused for less than `GAP`.
 */
const SHIFT = 0.05
const SHIFT_LASTS = 2

/** Variance of the level before the first timestamp: the level is unknown. */
const UNSURE = 1e10
/**
 * The nominal rate weighs as much as this many seconds of timestamps. Otherwise one long burst would flatten the line.
 */
const RATE_WEIGHS = 2

/**
 * Takes the timestamp of the next sample, in seconds, and returns the smoothed timestamp.
 *
 * @param steps samples since the previous timestamp: more than one if some were lost. @default 1
 */
export type Dejitter = (stamp: number, steps?: number) => number

/**
 * Smooths the timestamps of consecutive samples in place, in seconds.
 *
 * @param steps samples from the previous timestamp to the first of these
 */
export type BlockDejitter = (stamps: Float64Array, steps: number) => void

/**
 * Smooths the timestamps of a source that has a steady rate and whose samples arrive in bursts.
 *
 * The algorithm is that of Lab Streaming Layer (`proc_dejitter`): first-order recursive least squares of timestamp
 * against sample index, with forgetting λ = 2^(−1/(rate · 90 s)). Here, the origin of the line is the newest sample; in
 * LSL it is the first. The line is the same, but its numbers stay small, however long a stream lives. The filter
 * restarts after a pause of the source, or when its clock was set.
 *
 * @example
 * ```ts
 * import { createDejitter } from 'datastreams-webrtc/streams'
 *
 * const straighten = createDejitter(250)
 * console.log([0, 0, 0.008, 0.008].map((stamp) => straighten(stamp).toFixed(3)))
 * ```
 *
 * @param nominalRate Hz; 0 for an irregular stream, whose timestamps stay unchanged
 */
export function createDejitter(nominalRate: number): Dejitter {
  const straighten = createBlockDejitter(nominalRate)
  const one = new Float64Array(1)
  return (stamp, steps = 1) => {
    one[0] = stamp
    straighten(one, steps)
    return one[0]
  }
}

/** Creates what `createDejitter` describes, for the timestamps of a whole chunk: a call for each would take longer. */
export function createBlockDejitter(nominalRate: number): BlockDejitter {
  if (nominalRate === 0) return () => {}
  const period = 1 / nominalRate
  const gap = Math.max(GAP, 10 * period)
  const forget = 2 ** (1 / (nominalRate * HALF_LIFE))
  const unsureOfSlope = 12 / (nominalRate * RATE_WEIGHS) ** 3
  // p00, p01 and p11 are the covariance of level and slope, which is symmetric.
  const line = { level: Number.NaN, slope: period, p00: UNSURE, p01: 0, p11: unsureOfSlope }
  // `skipped` counts samples since the last valid timestamp. `off` counts samples in a row that were off to the side of
  // `sign`.
  let skipped = 0
  let off = 0
  let sign = 0

  const isOff = (error: number, steps: number): boolean => {
    const side = Math.abs(error) > SHIFT ? Math.sign(error) : 0
    off = side !== 0 && side === sign ? off + steps : 0
    sign = side
    return off * period > SHIFT_LASTS
  }
  return (stamps, steps) => {
    // The loop works on local numbers, which stay in the processor's registers.
    let { level, slope, p00, p01, p11 } = line
    for (let i = 0; i < stamps.length; i++) {
      const stamp = stamps[i] as number
      const passed = skipped + (i === 0 ? steps : 1)
      if (!Number.isFinite(stamp)) {
        skipped = passed
        continue
      }
      skipped = 0
      level += passed * slope
      // Move the covariance along the line too, and let the past weigh a little less.
      const fade = passed === 1 ? forget : forget ** passed
      p00 = fade * (p00 + 2 * passed * p01 + passed * passed * p11)
      p01 = fade * (p01 + passed * p11)
      p11 = fade * p11
      const error = stamp - level
      // The negation also catches the first timestamp, for which `error` is NaN.
      if (!(Math.abs(error) <= gap) || isOff(error, passed)) {
        level = stamp
        slope = period
        p00 = UNSURE
        p01 = 0
        p11 = unsureOfSlope
        off = 0
      } else {
        const gain = 1 / (1 + p00)
        const towards = p01 * gain
        level += p00 * gain * error
        slope += towards * error
        p11 -= towards * p01
        p00 *= gain
        p01 = towards
      }
      stamps[i] = level
    }
    Object.assign(line, { level, slope, p00, p01, p11 })
  }
}
