/** A clock: seconds since 1970. */
export type Now = () => number

/**
 * The clock that stamps are of: seconds since 1970 when the page or program started, and never set since, unlike
 * `Date.now()` (W3C High Resolution Time, section 4).
 */
export const now: Now = () => (performance.timeOrigin + performance.now()) / 1000

/** Changes that are looked at to find a clock's step, and how often at most it is asked: some 10 ms. */
const CHANGES = 4
const MOST_READINGS = 100_000
/** What browsers that resist fingerprinting make of it at worst, in seconds; taken where no change was seen. */
const WORST_STEP = 0.1

/** The step that a clock moves in, in seconds: 0.1 ms in Chromium, 1 ms in Firefox and Safari. */
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
