import type { Columns } from './columns.ts'

/** Where a channel lies, and the height of what it shows. */
export interface Extent {
  /** The mean. It stays at the baseline of the signal, but the midpoint would jump with every blink. */
  centre: number
  height: number
}

/** @returns undefined if the channel shows nothing */
export function extentOf(columns: Columns): Extent | undefined {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let sum = 0
  let count = 0
  for (const value of columns) {
    if (value === undefined || value === null) continue
    if (value < low) low = value
    if (value > high) high = value
    sum += value
    count++
  }
  return count > 0 ? { centre: sum / count, height: high - low } : undefined
}

/**
 * Returns the height of one row, in the stream's unit. It is a round number: 1, 2 or 5 times a power of ten.
 *
 * All rows share it, so that users can compare the channels. The typical channel fits in it. The height stays the same
 * while it still looks right; otherwise the traces would jump at every blink.
 *
 * @param heights heights of the channels that show something
 * @param before current height of the row; 0 for none
 */
export function rowHeight(heights: number[], before: number): number {
  const sorted = heights.filter((height) => height > 0).sort((a, b) => a - b)
  const typical = sorted[Math.floor((sorted.length * 2) / 3)]
  if (typical === undefined) return before || 1
  return typical > before || typical < before / 4 ? roundUp(typical) : before
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const digit = [1, 2, 5, 10].find((step) => step * power >= value) ?? 10
  return digit * power
}
