/** A gap of more than this, in seconds and in samples, begins a new line, as in pyxdf. */
const GAP_SECONDS = 1
const GAP_SAMPLES = 500

/**
 * Smooths the timestamps of a whole recording, as pyxdf's `dejitter_timestamps` does. Between two gaps, it fits a
 * least-squares line of timestamp against sample number. `createDejitter` smooths live streams, whose later samples are
 * not yet known.
 *
 * @param timestamps seconds
 * @param nominalRate Hz; 0 for an irregular stream, whose timestamps stay unchanged
 *
 * @example
 * ```ts
 * import { straightenStamps } from 'datastreams-webrtc/streams'
 *
 * const straight = straightenStamps(Float64Array.of(0, 0.75, 1.25, 2), 1)
 * console.log(Array.from(straight, (stamp) => stamp.toFixed(3)).join(' ')) // 0.025 0.675 1.325 1.975
 * ```
 */
export function straightenStamps(timestamps: Float64Array, nominalRate: number): Float64Array<ArrayBuffer> {
  const straight = Float64Array.from(timestamps)
  if (nominalRate === 0) return straight
  const gap = Math.max(GAP_SECONDS, GAP_SAMPLES / nominalRate)
  for (let from = 0, to = 1; to <= straight.length; to++) {
    const step = (timestamps[to] as number) - (timestamps[to - 1] as number)
    // The step is NaN at the end, and beside a timestamp that is not a number. Both end the run too.
    if (Math.abs(step) <= gap) continue
    straightenRun(straight.subarray(from, to))
    from = to
  }
  return straight
}

/**
 * Works in place. It subtracts the first timestamp and the middle index: seconds since 1970 would cost digits of
 * precision.
 */
function straightenRun(run: Float64Array): void {
  const [first = 0] = run
  const middle = (run.length - 1) / 2
  let [sum, product, squares] = [0, 0, 0]
  for (const [i, stamp] of run.entries()) {
    sum += stamp - first
    product += (stamp - first) * (i - middle)
    squares += (i - middle) ** 2
  }
  const slope = squares > 0 ? product / squares : 0
  for (let i = 0; i < run.length; i++) run[i] = first + sum / run.length + slope * (i - middle)
}
