/** A clock: seconds since 1970. */
export type Now = () => number

/**
 * The clock of all timestamps: seconds since 1970. It takes the system time once, when the page or program starts.
 * Unlike `Date.now()`, it ignores later changes of the system time (W3C High Resolution Time, section 4).
 */
export const now: Now = (): number => (performance.timeOrigin + performance.now()) / 1000

/** Number of clock changes that `clockStep` measures, and its limit of readings. So many readings take some 10 ms. */
const CHANGES = 4
const MOST_READINGS = 100_000
/**
 * Coarsest resolution of browsers that resist fingerprinting, in seconds. `clockStep` returns it if it sees no change.
 */
const WORST_STEP = 0.1

/**
 * Measures the resolution of a clock: 0.1 ms in Chromium, 1 ms in Firefox and Safari.
 *
 * @returns seconds; at most 0.1
 */
export function clockStep(clock: Now = now): number {
  let step = WORST_STEP
  let last = clock()
  for (let readings = 0, changes = 0; readings < MOST_READINGS && changes < CHANGES; readings++) {
    const reading = clock()
    if (reading <= last) continue
    step = Math.min(step, reading - last)
    last = reading
    changes++
  }
  return step
}
