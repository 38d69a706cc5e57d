import { type Line, MOST_DRIFT, median, robustLine } from '../time/mod.ts'
import type { PlacedClockOffset, XdfStream } from './xdf-file.ts'

/** A larger jump of the offset, in seconds, means that a clock was set (as in pyxdf). */
const RESET = 1
/**
 * Number of offsets on each side of a sample's place in the file. The one nearest in time decides which line applies.
 */
const AROUND = 2

/** Converts a timestamp to the recorder's clock, in seconds. `sample` is the number of the sample in the recording. */
export type Alignment = (stamp: number, sample: number) => number

/**
 * Creates a converter from the source's timestamps to the recorder's clock, like pyxdf's `synchronize_clocks`. It fits
 * a robust line through the clock offsets and adds it to each timestamp. A new line begins where the source's clock was
 * set, or where the source was restarted.
 *
 * @returns a converter; without offsets, it returns timestamps unchanged
 */
export function createAlignment(offsets: readonly PlacedClockOffset[]): Alignment {
  const known = withoutStrays(offsets.filter(({ time, offset }) => Number.isFinite(time) && Number.isFinite(offset)))
  const parts = partsOf(known)
  const [line, ...others] = parts.map(lineOf)
  if (line === undefined) return (stamp) => stamp
  if (others.length === 0) return (stamp) => stamp + line.at(stamp)
  const lines = parts.flatMap((part, i) => part.map(() => [line, ...others][i] as Line))
  let behind = 0
  return (stamp, sample) => {
    // Callers mostly convert samples in order, so continue from the last place.
    if (behind > 0 && (known[behind - 1] as PlacedClockOffset).sample > sample) behind = 0
    while (behind < known.length && (known[behind] as PlacedClockOffset).sample <= sample) behind++
    return stamp + (lines[nearest(known, stamp, behind)] as Line).at(stamp)
  }
}

/**
 * Converts a stream's timestamps to the recorder's clock.
 *
 * @example
 * ```ts
 * import { alignStamps } from 'datastreams-webrtc/streams'
 *
 * const clockOffsets = [{ time: 5, offset: 100, sample: 0 }, { time: 10, offset: 100.001, sample: 2 }]
 * console.log(alignStamps({ timestamps: Float64Array.of(5, 10), clockOffsets })) // Float64Array(2) [ 105, 110.001 ]
 * ```
 */
export function alignStamps({
  timestamps,
  clockOffsets,
}: Pick<XdfStream, 'timestamps' | 'clockOffsets'>): Float64Array<ArrayBuffer> {
  return timestamps.map(createAlignment(clockOffsets))
}

const lineOf = (part: readonly PlacedClockOffset[]): Line =>
  robustLine(
    part.map(({ time, offset }) => ({ x: time, y: offset })),
    MOST_DRIFT,
  )

const jumps = (one: PlacedClockOffset, other: PlacedClockOffset): boolean =>
  Math.abs(other.offset - one.offset) > RESET + MOST_DRIFT * Math.abs(other.time - one.time)

/** Removes each offset that both neighbours contradict while they agree with each other: it was measured wrongly. */
const withoutStrays = (offsets: readonly PlacedClockOffset[]): PlacedClockOffset[] =>
  offsets.filter((offset, i) => {
    const [before, after] = [offsets[i - 1], offsets[i + 1]]
    if (before === undefined || after === undefined) return true
    return !(jumps(before, offset) && jumps(offset, after) && !jumps(before, after))
  })

/** Splits the offsets where the source's clock was set, or where the source was restarted. */
function partsOf(offsets: readonly PlacedClockOffset[]): PlacedClockOffset[][] {
  const parts: PlacedClockOffset[][] = []
  const period = median(offsets.slice(1).map(({ time }, i) => Math.abs(time - (offsets[i] as PlacedClockOffset).time)))
  for (const [i, offset] of offsets.entries()) {
    const before = offsets[i - 1]
    const back = before !== undefined && offset.time < before.time - period
    if (before === undefined || back || jumps(before, offset)) parts.push([offset])
    else parts.at(-1)?.push(offset)
  }
  return parts
}

/** Returns the index of the offset nearest in time to the timestamp, among those around a place in the file. */
function nearest(offsets: readonly PlacedClockOffset[], stamp: number, place: number): number {
  const [from, to] = [Math.max(0, place - AROUND), Math.min(offsets.length, place + AROUND)]
  let best = from
  for (let i = from; i < to; i++) {
    if (distance(offsets, i, stamp) < distance(offsets, best, stamp)) best = i
  }
  return best
}

const distance = (offsets: readonly PlacedClockOffset[], i: number, stamp: number): number =>
  Math.abs((offsets[i] as PlacedClockOffset).time - stamp)
