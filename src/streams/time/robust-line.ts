interface Point {
  x: number
  y: number
}

/** A line through points that tolerates outliers. */
export interface Line {
  slope: number
  at(x: number): number
}

/**
 * Fits a Theil–Sen line: its slope is the median of slopes, and its level is the median of the residuals.
 *
 * @param points at least one, sorted by x
 * @param steepest limit of the slope, up or down
 */
export function robustLine(points: readonly Point[], steepest: number): Line {
  const slope = robustSlope(points, steepest)
  // Subtract a central x first: seconds since 1970 would cost digits of precision.
  const x0 = median(points.map(({ x }) => x))
  const level = median(points.map(({ x, y }) => y - slope * (x - x0)))
  return { slope, at: (x) => level + slope * (x - x0) }
}

/**
 * Returns the median of slopes; 0 for one point. It pairs each point with the point half the list after it. This is as
 * robust as all pairs, and its cost grows with the number of points only.
 *
 * @param points sorted by x
 * @param steepest limit of the slope, up or down
 */
export function robustSlope(points: readonly Point[], steepest: number): number {
  const half = points.length >> 1
  if (half === 0) return 0
  const slopes = Array.from({ length: points.length - half }, (_, i) => {
    const [early, late] = [points[i], points[i + half]] as [Point, Point]
    return late.x > early.x ? (late.y - early.y) / (late.x - early.x) : 0
  })
  return Math.min(Math.max(median(slopes), -steepest), steepest)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}
