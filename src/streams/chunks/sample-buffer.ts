import type { Format, NumericArray } from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import type { Samples } from './chunk.ts'
import type { StampRun } from './stamps.ts'

/** The samples of the next chunk. The buffer keeps its memory from chunk to chunk. */
export interface SampleBuffer {
  /** Number of samples. */
  readonly count: number
  readonly isFull: boolean
  /**
   * Adds the sample that starts at index `at`.
   *
   * @returns the error if the values do not fit the format; the buffer is then unchanged
   */
  add(values: ArrayLike<unknown>, at: number, stamp: number): StreamError | undefined
  /**
   * Copies as many samples as fit, if their values need no check: a typed array of the stream's own format.
   *
   * @param from the first sample
   * @param length number of samples in `values`
   * @returns the number of samples added
   */
  addBlock(values: NumericArray, from: number, length: number, stamps: StampRun): number
  /** Empties the buffer. Returns its samples, whose arrays are valid until the next sample is added. */
  take(): Pick<Samples, 'data' | 'timestamps'>
}

export function unfit(value: unknown, format: Format): StreamError {
  const shown = typeof value === 'object' && value !== null ? 'an object' : `the ${typeof value} ${String(value)}`
  return new StreamError('bad-value', `Cannot accept a value: it must be a ${format}: it is ${shown.slice(0, 64)}`)
}
