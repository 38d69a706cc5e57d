import type { StreamDescription } from './description.ts'
import { type Now, now } from './now.ts'

/**
 * The timestamp of each sample of a run, in the description's unit.
 *
 * @param given one for each sample, the last standing for those that are missing, or one for all. Without any, the last
 *   sample is of this moment and the others lie before it at the nominal rate
 */
export function stampsOf(
  given: ArrayLike<unknown> | number | undefined,
  length: number,
  { nominalRate, timeUnit }: Pick<StreamDescription, 'nominalRate' | 'timeUnit'>,
  clock: Now = now,
): (i: number) => number {
  if (typeof given === 'number') return () => given
  const second = timeUnit === 's' ? 1 : 1000
  if (given === undefined || given.length === 0) {
    const period = nominalRate > 0 ? second / nominalRate : 0
    const start = clock() * second - (length - 1) * period
    return (i) => start + i * period
  }
  const last = given[given.length - 1]
  const otherwise = typeof last === 'number' ? last : clock() * second
  return (i) => (typeof given[i] === 'number' ? (given[i] as number) : otherwise)
}
