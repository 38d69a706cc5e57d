import type { StreamDescription } from '../description/mod.ts'
import { type Now, now } from '../shared/mod.ts'

/**
 * Timestamps from a source: one for each sample, one for all samples, or none. Elements may be something else than
 * numbers.
 */
export type GivenStamps = ArrayLike<unknown> | number | undefined

/** Whether a source gave any timestamp. */
export function areStamps(given: GivenStamps): given is ArrayLike<unknown> | number {
  if (typeof given === 'number') return true
  for (let i = (given?.length ?? 0) - 1; i >= 0; i--) if (typeof given?.[i] === 'number') return true
  return false
}

/** The timestamps of consecutive samples. */
export interface StampRun {
  at(i: number): number
  /** Time from one sample to the next, if the timestamps are evenly spaced. */
  period?: number
}

/**
 * Returns the timestamps of consecutive samples, in the description's unit.
 *
 * @param given one for each sample, or one for all. The last timestamp replaces missing ones. Without timestamps, the
 *   last sample gets the current time, and the nominal rate places the others before it
 */
export function stampsOf(
  given: GivenStamps,
  length: number,
  { nominalRate, timeUnit }: Pick<StreamDescription, 'nominalRate' | 'timeUnit'>,
  clock: Now = now,
): StampRun {
  if (typeof given === 'number') return { at: () => given }
  const second = timeUnit === 's' ? 1 : 1000
  if (!areStamps(given)) {
    const period = nominalRate > 0 ? second / nominalRate : 0
    const start = clock() * second - (length - 1) * period
    return { at: (i) => start + i * period, period }
  }
  const last = given[given.length - 1]
  const otherwise = typeof last === 'number' ? last : clock() * second
  return { at: (i) => (typeof given[i] === 'number' ? (given[i] as number) : otherwise) }
}
