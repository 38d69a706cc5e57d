import type { Publication } from './publication.ts'

/** One stream that the app fills with `push`. */
export interface PushPublication extends Publication {
  /**
   * Sends samples.
   *
   * @param values sample after sample: samples × channels. `push` copies a typed array.
   * @param timestamps in seconds, or in the `timeUnit`; one for each sample, or one for all. Without any, the last
   *   sample is taken now. The others precede it at the nominal rate.
   * @returns false if the publication is full; then wait for `drained()`
   */
  push(values: ArrayLike<unknown>, timestamps?: ArrayLike<number> | number): boolean
}
