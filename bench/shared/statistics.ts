/** A figure of several rounds. */
export interface Summary {
  median: number
  /** The smallest and the largest value. With few rounds, no better measure of the spread exists. */
  low: number
  high: number
  values: number[]
}

/** @throws Error if there are no values */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((one, other) => one - other)
  const [low, high] = [sorted[0], sorted.at(-1)]
  if (low === undefined || high === undefined) throw new Error('Cannot take a median of no values')
  return { median: quantile(sorted, 0.5), low, high, values: [...values] }
}

/**
 * @param sorted values in ascending order
 * @param part 0–1, such as 0.99
 * @returns the quantile, interpolated between the two nearest values (R's type 7)
 * @throws Error if there are no values
 */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  const place = (sorted.length - 1) * part
  const below = Math.floor(place)
  const low = sorted[below]
  if (low === undefined) throw new Error('Cannot take a quantile of no values')
  return low + ((sorted[below + 1] ?? low) - low) * (place - below)
}

/**
 * How `y` grows with `x`: the slope of a least-squares line through their logarithms. 0 means no growth, 1 means
 * proportional growth.
 *
 * @throws Error if all points have the same `x`
 */
export function fittedExponent(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const mean = (pick: 0 | 1): number => logs.reduce((sum, point) => sum + point[pick], 0) / logs.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const variance = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  if (variance === 0) throw new Error('Cannot fit an exponent to points of one x')
  return covariance / variance
}
