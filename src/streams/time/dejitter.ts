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
  if (nominalRate === 0) return (stamp) => stamp
  const period = 1 / nominalRate
  const gap = Math.max(GAP, 10 * period)
  const forget = 2 ** (1 / (nominalRate * HALF_LIFE))
  const unsureOfSlope = 12 / (nominalRate * RATE_WEIGHS) ** 3
  // Keep these numbers in one object: engines update an object's numbers in place, and this runs for every sample. p00,
  // p01 and p11 are the covariance of level and slope, which is symmetric.
  const line = { level: Number.NaN, slope: period, p00: UNSURE, p01: 0, p11: unsureOfSlope }
  // `skipped` counts samples since the last valid timestamp. `off` counts samples in a row that were off to the side of
  // `sign`.
  let skipped = 0
  let off = 0
  let sign = 0

  const advance = (steps: number): void => {
    const { p01, p11 } = line
    line.level += steps * line.slope
    // Move the covariance along the line too, and let the past weigh a little less.
    const fade = steps === 1 ? forget : forget ** steps
    line.p00 = fade * (line.p00 + 2 * steps * p01 + steps * steps * p11)
    line.p01 = fade * (p01 + steps * p11)
    line.p11 = fade * p11
  }
  const restart = (stamp: number): void => {
    Object.assign(line, { level: stamp, slope: period, p00: UNSURE, p01: 0, p11: unsureOfSlope })
    off = 0
  }
  const correct = (error: number): void => {
    const { p00, p01 } = line
    const gain = 1 / (1 + p00)
    const towards = p01 * gain
    line.level += p00 * gain * error
    line.slope += towards * error
    line.p00 = p00 * gain
    line.p01 = towards
    line.p11 -= towards * p01
  }
  const isOff = (error: number, steps: number): boolean => {
    const side = Math.abs(error) > SHIFT ? Math.sign(error) : 0
    off = side !== 0 && side === sign ? off + steps : 0
    sign = side
    return off * period > SHIFT_LASTS
  }
  return (stamp, steps = 1) => {
    if (!Number.isFinite(stamp)) {
      skipped += steps
      return stamp
    }
    const passed = steps + skipped
    skipped = 0
    advance(passed)
    const error = stamp - line.level
    // The negation also catches the first timestamp, for which `error` is NaN.
    if (!(Math.abs(error) <= gap) || isOff(error, passed)) restart(stamp)
    else correct(error)
    return line.level
  }
}
