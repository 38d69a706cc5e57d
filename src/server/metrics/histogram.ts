/** Upper bounds of buckets for times within one process, in seconds: 25 µs to 2.5 s. */
const BOUNDS: readonly number[] = [
  0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
]

/** How often something took how long. */
export class Histogram {
  readonly bounds: readonly number[] = BOUNDS
  /** For each bound, and beyond the last, how many were at most that and more than the one before. */
  readonly counts: number[] = Array.from({ length: BOUNDS.length + 1 }, () => 0)
  /** Of all, in seconds. */
  sum = 0

  /** @param seconds how long it took */
  observe(seconds: number): void {
    let i = 0
    while (i < BOUNDS.length && seconds > (BOUNDS[i] as number)) i++
    this.counts[i] = (this.counts[i] as number) + 1
    this.sum += seconds
  }
}
