import type { SourceLike } from '../../src/streams/mod.ts'

/** Whether `room.publish` can follow the input as a source. Checks the shape, as `room.publish` does. */
export const isSource = (input: unknown): input is SourceLike =>
  ['subscribe', 'getTracks', 'getReader', 'stop', Symbol.asyncIterator].some(
    (name) => typeof (input as Record<PropertyKey, unknown> | null)?.[name] === 'function',
  )

export interface Columns {
  labels: string[]
  /** All channels of the first sample, then of the next. */
  values: unknown[]
  timestamp: number | ArrayLike<number> | undefined
}

/** @throws TypeError if the channels differ in their number of samples */
export function samplesOf(input: unknown): Columns {
  const channels = isObject(input) ? { ...input } : [input]
  const { timestamp, ...columns } = channels as Record<string, unknown> & { timestamp?: number }
  const labels = Object.keys(columns)
  const samples = Object.values(columns).map((column) => (isList(column) ? column : [column]))
  const length = samples[0]?.length ?? 0
  if (samples.some((column) => column.length !== length)) {
    throw new TypeError(`Cannot publish channels with different numbers of samples: the first has ${length}`)
  }
  const values = Array.from({ length }, (_, i) => samples.map((column) => column[i])).flat()
  return { labels, values, timestamp }
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
