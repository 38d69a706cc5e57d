import type { StreamDescription } from '../description/mod.ts'
import type { Timers } from '../shared/mod.ts'
import type { Tick } from './tick.ts'
import { MAX_WAITING } from './tick-group.ts'
import type { Candidate } from './tick-layout.ts'

/** Longest that a sample waits for those of other tracks, in ms: two packets of a Muse. */
export const LONGEST_WAIT = 100
/** Ticks that decide, of each track; or of any, with one more. */
const TICKS = 2

/** A stream that was announced before any of its tracks had ticked. */
export interface Proposal {
  stream: object
  members: Candidate[]
}

export interface TickDeviceEvents {
  /** It is time to tell which tracks tick together. */
  decide(): void
  /** Nothing has ticked for a while, and somebody may want to know what there is. */
  propose(): void
}

/** The tracks of a device of which it is not clear yet whether they tick together. */
export class TickDevice {
  readonly candidates: Map<object, Candidate> = new Map()
  proposal: Proposal | undefined
  readonly #timers: Timers
  readonly #events: TickDeviceEvents
  #ticks: [track: object, tick: Tick][] = []
  #held = 0
  #forget: (() => void) | undefined

  constructor(timers: Timers, events: TickDeviceEvents) {
    this.#timers = timers
    this.#events = events
  }

  add(track: object, description: Partial<StreamDescription>): void {
    this.candidates.set(track, { track, description, format: undefined, ticks: [] })
    this.idle()
  }

  push(track: object, tick: Tick): void {
    const candidate = this.candidates.get(track) as Candidate
    candidate.ticks.push(tick)
    candidate.format ??= tick.format
    this.#ticks.push([track, tick])
    this.#held += tick.values.length
    if (this.#ticks.length === 1) this.#wait(this.#events.decide)
    if (this.#held > MAX_WAITING) this.#events.decide()
  }

  /** Whether enough has ticked, at the end of a task. */
  get isClear(): boolean {
    if (this.#ticks.length === 0) return false
    const tasks = [...this.candidates.values()].map(({ ticks }) => new Set(ticks.map(({ task }) => task)).size)
    return (tasks.length > 1 && tasks.every((count) => count >= TICKS)) || tasks.some((count) => count > TICKS)
  }

  /** All ticks in the order they came, which are then somebody else's. */
  take(): [track: object, tick: Tick][] {
    const ticks = this.#ticks
    this.#ticks = []
    this.#held = 0
    this.rest()
    return ticks
  }

  /** Those that have not ticked are proposed in a while, unless they do. */
  idle(): void {
    if (this.#ticks.length > 0) return
    if (this.candidates.size > 0) this.#wait(this.#events.propose)
    else this.rest()
  }

  /** No timer runs any more. */
  rest(): void {
    this.#forget?.()
    this.#forget = undefined
  }

  #wait(then: () => void): void {
    this.rest()
    this.#forget = this.#timers.after(LONGEST_WAIT, then)
  }
}

/** Formats that the values themselves tell, waiting as plain arrays: of a proposal nobody knew any. */
const TOLD = [undefined, 'float64', 'int64', 'string']

/** Whether a proposal is what came out. */
export const isRight = (proposal: Proposal | undefined, members: readonly Candidate[]): boolean =>
  isSame(proposal?.members, members) && TOLD.includes(members[0]?.format)

export const isSame = (some: readonly Candidate[] | undefined, others: readonly Candidate[]): boolean =>
  some?.length === others.length && others.every((other, i) => other === some[i])
