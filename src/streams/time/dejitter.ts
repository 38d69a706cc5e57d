/** Seconds after which a stamp counts half, as Lab Streaming Layer has it. */
const HALF_LIFE = 90

/** A stamp that is this far from where it is expected starts anew, in seconds; or 10 samples, for slow streams. */
const GAP = 1
/** So does what is this far off, on one side, for that long: a source that paused for less than a gap. */
const SHIFT = 0.05
const SHIFT_LASTS = 2

/** How sure of its level the filter is before the first stamp: not at all. */
const UNSURE = 1e10
/** The nominal rate weighs as much as this many seconds of stamps, so that one long burst does not flatten the line. */
const RATE_WEIGHS = 2

/**
 * Takes one stamp a sample, in seconds, and gives the straightened one.
 *
 * @param steps samples since the stamp before: more than one where some were lost. @default 1
 */
export type Dejitter = (stamp: number, steps?: number) => number

/**
 * Straightens the stamps of a source with a steady rate, whose samples arrive in bursts.
 *
 * The first-order recursive least squares of stamp against sample index of Lab Streaming Layer (`proc_dejitter`), with
 * forgetting λ = 2^(−1/(rate · 90 s)). It is kept around the newest sample, where LSL's is kept around the first: the
 * same line, whose numbers stay small however long a stream lives. A source that paused, or whose clock was set, starts
 * anew.
 *
 * @example
 * ```ts
 * import { createDejitter } from 'datastreams-webrtc/streams'
 *
 * const straighten = createDejitter(250)
 * console.log([0, 0, 0.008, 0.008].map((stamp) => straighten(stamp).toFixed(3)))
 * ```
 *
 * @param nominalRate Hz; 0 for an irregular stream, whose stamps are left as they are
 */
export function createDejitter(nominalRate: number): Dejitter {
  if (nominalRate === 0) return (stamp) => stamp
  const period = 1 / nominalRate
  const gap = Math.max(GAP, 10 * period)
  const forget = 2 ** (1 / (nominalRate * HALF_LIFE))
  const unsureOfSlope = 12 / (nominalRate * RATE_WEIGHS) ** 3
  // In one object, as an engine rewrites an object's numbers in place, and this runs for every sample.
  // The p are the covariance of level and slope, symmetric.
  const line = { level: Number.NaN, slope: period, p00: UNSURE, p01: 0, p11: unsureOfSlope }
  // Samples whose stamps are missing or no number, and samples that were off to the side that `sign` tells.
  let skipped = 0
  let off = 0
  let sign = 0

  const advance = (steps: number): void => {
    const { p01, p11 } = line
    line.level += steps * line.slope
    // What is known goes on along the line, and counts a little less.
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
    // Also the first stamp of all, as NaN is within no limit.
    if (!(Math.abs(error) <= gap) || isOff(error, passed)) restart(stamp)
    else correct(error)
    return line.level
  }
}
