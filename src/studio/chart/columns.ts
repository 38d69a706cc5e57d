import { type TraceBuffer, WINDOW } from './trace-buffer.ts'

/**
 * A channel as the chart draws it. Each column of pixels has two points: its smallest and its largest sample, in order
 * of arrival. No peak is lost this way.
 *
 * - `undefined`: there is no sample
 * - `null`: samples are missing, and the line breaks there
 */
export type Columns = (number | null | undefined)[]

/** Returns the times of the points of `count` columns, in seconds relative to the newest sample (negative). */
export const columnTimes = (count: number): number[] =>
  Array.from({ length: count * 2 }, (_, i) => -WINDOW + ((i + 0.5) * WINDOW) / (count * 2))

/** Two samples further apart than this many intervals have lost samples between them. */
const GAP = 1.5

/** Fills `columns` from the newest samples of a channel, with two points for each column. */
export function fillColumns(columns: Columns, buffer: TraceBuffer, channel: number): void {
  columns.fill(undefined)
  const count = columns.length / 2
  const { times, capacity, written, rate } = buffer
  const values = buffer.values[channel] as Float32Array
  if (written === 0) return
  const start = (times[(written - 1) % capacity] as number) - WINDOW
  const widest = rate > 0 ? GAP / rate : Number.POSITIVE_INFINITY
  let later = Number.NaN
  let laterColumn = count
  // Go back from the newest sample to the start of the window.
  for (let i = written - 1; i >= 0 && i >= written - capacity; i--) {
    const time = times[i % capacity] as number
    if (!(time >= start)) break
    const column = Math.min(count - 1, Math.floor(((time - start) / WINDOW) * count))
    const value = values[i % capacity] as number
    if (later - time > widest) columns.fill(null, (column + 1) * 2, laterColumn * 2)
    later = time
    laterColumn = column
    if (Number.isFinite(value)) putBefore(columns, column * 2, value)
  }
}

/** Adds an earlier value to a column, which keeps only its smallest and its largest value. */
function putBefore(columns: Columns, at: number, value: number): void {
  const a = columns[at]
  const b = columns[at + 1]
  if (b === undefined || b === null) columns[at + 1] = value
  else if (a === undefined || a === null) columns[at] = value
  else if (value < Math.min(a, b) || value > Math.max(a, b)) {
    // The new value replaces the extreme on its own side. The other one stays, and comes later.
    columns[at + 1] = value < Math.min(a, b) ? Math.max(a, b) : Math.min(a, b)
    columns[at] = value
  }
}
