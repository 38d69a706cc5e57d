import { type Format, formatOf, type NumericArray } from '../description/mod.ts'

/** What one track gave at once. */
export interface Tick {
  /** One for each sample; undefined where there is a hole. */
  values: unknown[]
  /** One for each sample, in the source's unit. */
  stamps: number[]
  /** Whether the source stamped it. */
  stamped: boolean
  /** That the first value tells, if one does. */
  format: Format | undefined
  /** The task it came in: those of one task have the same number. */
  task: number
}

/** `Date.now()` may turn while a driver hands out one tick, electrode after electrode; in ms. */
const TURN = 2

/** Values as one sample each: typed arrays among them are runs. What is in them is copied, as drivers use buffers again. */
export function samplesIn(values: ArrayLike<unknown>, stampAt: (i: number) => number): Pick<Tick, 'values' | 'stamps'> {
  const samples: unknown[] = []
  const stamps: number[] = []
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    const stamp = stampAt(i)
    if (!isRun(value)) {
      samples.push(value)
      stamps.push(stamp)
      continue
    }
    for (const sample of value) {
      samples.push(sample)
      stamps.push(stamp)
    }
  }
  return { values: samples, stamps }
}

/** Whether two tracks' ticks are of the same moments, sample for sample. */
export function together(one: Tick, other: Tick): boolean {
  if (one.values.length !== other.values.length) return false
  const sameTask = one.task === other.task
  if (sameTask && !one.stamped && !other.stamped) return true
  if (one.stamps.every((stamp, i) => stamp === other.stamps[i])) return true
  return sameTask && Math.abs(turnOf(one) - turnOf(other)) <= TURN
}

/** The format that a track's values have, from the first that tells. */
export function formatIn(values: ArrayLike<unknown>): Format | undefined {
  if (ArrayBuffer.isView(values)) return formatOf(values)
  for (let i = 0; i < values.length; i++) {
    const format = formatOf(values[i])
    if (format !== undefined) return format
  }
  return undefined
}

/** The one moment of a tick that `Date.now()` stamped, or NaN. */
function turnOf({ stamps: [first, ...others] }: Tick): number {
  return Number.isInteger(first) && others.every((stamp) => stamp === first) ? (first as number) : Number.NaN
}

const isRun = (value: unknown): value is NumericArray => ArrayBuffer.isView(value) && !(value instanceof DataView)
