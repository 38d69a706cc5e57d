/** Upper bounds of the buckets in seconds, for times within one process: 25 µs to 2.5 s. */
const BOUNDS: readonly number[] = [
  0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]

/** Counts durations in buckets. */
export class Histogram {
  readonly bounds: readonly number[] = BOUNDS
  /** Durations in each bucket: above the bound before, up to this bound. The last bucket is above all bounds. */
  readonly counts: number[] = Array.from({ length: BOUNDS.length + 1 }, () => 0)
  /** Sum of all durations, in seconds. */
  sum = 0

  /** @param seconds a duration */
  observe(seconds: number): void {
    let i = 0
    while (i < BOUNDS.length && seconds > (BOUNDS[i] as number)) i++
    this.counts[i] = (this.counts[i] as number) + 1
    this.sum += seconds
  }
}
