import type { StreamDescription } from '../description/mod.ts'
import { type Now, now } from '../shared/mod.ts'

/** What a source may give: one for each sample, or one for all; or nothing that is a number. */
export type GivenStamps = ArrayLike<unknown> | number | undefined

/** Whether a source said anything of when. */
export function areStamps(given: GivenStamps): given is ArrayLike<unknown> | number {
  if (typeof given === 'number') return true
  for (let i = (given?.length ?? 0) - 1; i >= 0; i--) if (typeof given?.[i] === 'number') return true
  return false
}

/** The timestamps of a run of samples. */
export interface StampRun {
  at(i: number): number
  /** From one to the next, where they are even. */
  period?: number
}

/**
 * The timestamp of each sample of a run, in the description's unit.
 *
 * @param given one for each sample, the last standing for those that are missing, or one for all. Without any, the last
 *   sample is of this moment and the others lie before it at the nominal rate
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
