interface Point {
  x: number
  y: number
}

/** A line through points that holds where some of them are far off. */
export interface Line {
  slope: number
  at(x: number): number
}

/**
 * The line of Theil and Sen: the median of slopes, through the median of what is left.
 *
 * @param points one at least, in the order of their x
 * @param steepest the slope is no steeper than this, up or down
 */
export function robustLine(points: readonly Point[], steepest: number): Line {
  const slope = robustSlope(points, steepest)
  // Around the points, so that seconds since 1970 cost no digits.
  const x0 = median(points.map(({ x }) => x))
  const level = median(points.map(({ x, y }) => y - slope * (x - x0)))
  return { slope, at: (x) => level + slope * (x - x0) }
}

/**
 * The median of slopes; 0 for one point. Each point is paired with the one half the points on, which is as robust as all
 * pairs, at a cost that grows with their number alone.
 *
 * @param points in the order of their x
 * @param steepest the slope is no steeper than this, up or down
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
