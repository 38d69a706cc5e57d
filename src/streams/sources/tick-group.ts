import { type Tick, together } from './tick.ts'

export interface TickGroupOptions {
  channels: number
  /** Whether NaN can replace a missing value. */
  holes: boolean
  /** Called with whole samples: samples × channels values, and one timestamp for each sample. */
  emit(values: unknown[], stamps: number[]): void
}

/** Ticks of the same moments, from some or all channels. */
interface Row {
  /** The first tick of the row. Later ticks are compared with it. */
  tick: Tick
  parts: (Tick | undefined)[]
  count: number
}

/** Most values that wait for those of other channels. */
export const MAX_WAITING = 262_144
/** Number of waiting rows that a tick is compared with: two packets, and one to spare. */
const LOOK_AHEAD = 4
/** Number of incomplete rows that the group remembers, in case a missing tick arrives late. */
const REMEMBERED = 8
/**
 * A missing tick adds `WEIGHT`; a complete row subtracts 1. At `TOO_MUCH`, the channels do not tick together. Four
 * missing ticks in a row are too much. So is more than one in five for a long time.
 */
const WEIGHT = 4
const TOO_MUCH = 16

/** Combines the ticks of several channels into samples. */
export class TickGroup {
  readonly #options: TickGroupOptions
  /** The waiting rows. `#first` is the number of the first one. */
  #rows: Row[] = []
  #first = 0
  /** For each channel, the number of the first row that its next tick may belong to. */
  readonly #next: number[]
  #waiting = 0
  #incomplete: Row[] = []
  #weight = 0

  constructor(options: TickGroupOptions) {
    this.#options = options
    this.#next = new Array(options.channels).fill(0)
  }

  /** Identifies the row that waits longest; undefined if no row waits. */
  get oldest(): object | undefined {
    return this.#rows[0]
  }

  /** @returns false if the channels do not tick together after all; the group is then over */
  add(channel: number, tick: Tick): boolean {
    const late = this.#incomplete.some((row) => row.parts[channel] === undefined && together(row.tick, tick))
    const row = late ? this.#newRow(tick) : this.#rowFor(channel, tick)
    row.parts[channel] = tick
    row.count++
    this.#waiting += tick.values.length
    if (late) return false
    if (row.count === this.#options.channels) return this.#emitThrough(row)
    return this.#waiting <= MAX_WAITING
  }

  /**
   * Emits all waiting rows, with NaN for missing values.
   *
   * @returns false if that is not possible, or too much is missing; the group is then over
   */
  flush(): boolean {
    const last = this.#rows.at(-1)
    return last === undefined || this.#emitThrough(last)
  }

  /** Removes and returns the ticks that were not emitted, in order, each with the number of its channel. */
  take(): [channel: number, tick: Tick][] {
    const rows = this.#rows
    this.#rows = []
    return rows.flatMap(({ parts }) =>
      parts.flatMap((part, channel): [number, Tick][] => (part === undefined ? [] : [[channel, part]])),
    )
  }

  #rowFor(channel: number, tick: Tick): Row {
    const from = Math.max(this.#next[channel] as number, this.#first)
    for (let number = from; number < Math.min(from + LOOK_AHEAD, this.#first + this.#rows.length); number++) {
      const row = this.#rows[number - this.#first] as Row
      if (!together(row.tick, tick)) continue
      this.#next[channel] = number + 1
      return row
    }
    this.#next[channel] = this.#first + this.#rows.length + 1
    return this.#newRow(tick)
  }

  #newRow(tick: Tick): Row {
    const row = { tick, parts: new Array(this.#options.channels).fill(undefined), count: 0 }
    this.#rows.push(row)
    return row
  }

  #emitThrough(last: Row): boolean {
    const count = this.#rows.indexOf(last) + 1
    for (let i = 0; i < count; i++) {
      if (this.#emit(this.#rows[i] as Row)) continue
      this.#drop(i)
      return false
    }
    this.#drop(count)
    return this.#weight < TOO_MUCH
  }

  #drop(count: number): void {
    for (const { parts } of this.#rows.splice(0, count)) {
      for (const part of parts) this.#waiting -= part?.values.length ?? 0
    }
    this.#first += count
  }

  #emit(row: Row): boolean {
    const { channels, holes, emit } = this.#options
    const { tick, parts, count } = row
    const values: unknown[] = []
    const stamps: number[] = []
    for (let i = 0; i < tick.values.length; i++) {
      const sample = parts.map((part) => part?.values[i])
      const missing = sample.filter((value) => value === undefined).length
      // No channel has a value: skip the sample.
      if (missing === channels) continue
      if (missing > 0 && !holes) return false
      for (const value of sample) values.push(value === undefined ? Number.NaN : value)
      stamps.push(tick.stamps[i] as number)
    }
    this.#weight = count === channels ? Math.max(0, this.#weight - 1) : this.#weight + WEIGHT
    if (count < channels) this.#incomplete = [...this.#incomplete, row].slice(-REMEMBERED)
    if (stamps.length > 0) emit(values, stamps)
    return true
  }
}
