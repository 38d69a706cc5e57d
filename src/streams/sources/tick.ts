import { type Format, formatOf, isTypedArray } from '../description/mod.ts'

/** The samples that a track delivered at once. */
export interface Tick {
  /** One for each sample; undefined for a hole. */
  values: unknown[]
  /** One for each sample, in the source's unit. */
  stamps: number[]
  /** Whether the source gave a timestamp. */
  stamped: boolean
  /** Format of the first value that has one. */
  format: Format | undefined
  /** Number of the task in which the tick arrived. */
  task: number
}

/** Tolerance in ms: `Date.now()` may advance while a driver delivers one tick, electrode after electrode. */
const TURN = 2

/**
 * Splits values into samples: a typed array among them is a run of samples. It copies the values, because drivers reuse
 * buffers.
 */
export function samplesIn(values: ArrayLike<unknown>, stampAt: (i: number) => number): Pick<Tick, 'values' | 'stamps'> {
  const samples: unknown[] = []
  const stamps: number[] = []
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    const stamp = stampAt(i)
    if (!isTypedArray(value)) {
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

/** Whether the ticks of two tracks belong to the same moments, sample for sample. */
export function together(one: Tick, other: Tick): boolean {
  if (one.values.length !== other.values.length) return false
  const sameTask = one.task === other.task
  if (sameTask && !one.stamped && !other.stamped) return true
  if (one.stamps.every((stamp, i) => stamp === other.stamps[i])) return true
  return sameTask && Math.abs(turnOf(one) - turnOf(other)) <= TURN
}

/** Returns the format of a track's values, from the first value that has one. */
export function formatIn(values: ArrayLike<unknown>): Format | undefined {
  if (ArrayBuffer.isView(values)) return formatOf(values)
  for (let i = 0; i < values.length; i++) {
    const format = formatOf(values[i])
    if (format !== undefined) return format
  }
  return undefined
}

/** Returns the time of a tick that `Date.now()` stamped, or NaN for other ticks. */
function turnOf({ stamps: [first, ...others] }: Tick): number {
  return Number.isInteger(first) && others.every((stamp) => stamp === first) ? (first as number) : Number.NaN
}
