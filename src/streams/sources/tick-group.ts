import { type Tick, together } from './tick.ts'

export interface TickGroupOptions {
  channels: number
  /** Whether a value that is missing can be NaN. */
  holes: boolean
  /** Whole samples: samples × channels, and one timestamp for each. */
  emit(values: unknown[], stamps: number[]): void
}

/** Ticks of the same moments, of some channels or all. */
interface Row {
  /** What later ones are compared with: the first that came. */
  tick: Tick
  parts: (Tick | undefined)[]
  count: number
}

/** Values that may wait for those of other channels. */
export const MAX_WAITING = 262_144
/** How far ahead a tick is looked for among those that wait: two packets, and one to spare. */
const LOOK_AHEAD = 4
/** Incomplete rows that are kept in mind in case what was missing comes after all. */
const REMEMBERED = 8
/**
 * A missing tick weighs as much as this many whole ones, and this much in all is too much: four in a row, or one of
 * five for long. Those channels do not tick together.
 */
const WEIGHT = 4
const TOO_MUCH = 16

/** Puts the ticks of several channels together, sample for sample. */
export class TickGroup {
  readonly #options: TickGroupOptions
  /** The rows that wait, of which the first has this number. */
  #rows: Row[] = []
  #first = 0
  /** The number of the first row that each channel's next tick may belong to. */
  readonly #next: number[]
  #waiting = 0
  #incomplete: Row[] = []
  #weight = 0

  constructor(options: TickGroupOptions) {
    this.#options = options
    this.#next = new Array(options.channels).fill(0)
  }

  /** Stands for what waits longest; undefined where nothing does. */
  get oldest(): object | undefined {
    return this.#rows[0]
  }

  /** @returns false where these channels do not tick together after all: the group is over */
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
   * Emits what waits, with holes for what did not come.
   *
   * @returns false where that cannot be, and the group is over
   */
  flush(): boolean {
    const last = this.#rows.at(-1)
    return last === undefined || this.#emitThrough(last)
  }

  /** Takes what was not emitted, in order: ticks with the number of their channel. */
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
      // Nobody measured anything: no sample.
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
