import type { StreamDescription } from '../description/mod.ts'
import type { Timers } from '../shared/mod.ts'
import type { Tick } from './tick.ts'
import { MAX_WAITING } from './tick-group.ts'
import type { Candidate } from './tick-layout.ts'

/** Longest time that a sample waits for samples of other tracks, in ms: two packets of a Muse. */
export const LONGEST_WAIT = 100
/** Ticks of every track that suffice for a decision. One more tick of a single track suffices too. */
const TICKS = 2

/** A stream that was announced before any of its tracks ticked. */
export interface Proposal {
  stream: object
  members: Candidate[]
}

export interface TickDeviceEvents {
  /** Called when it is time to decide which tracks tick together. */
  decide(): void
  /** Called when no track has ticked for a while. Subscribers may want to know which streams exist. */
  propose(): void
}

/** The tracks of a device for which it is still undecided whether they tick together. */
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

  /** Whether enough ticks have arrived for a decision. Call this at the end of a task. */
  get isClear(): boolean {
    if (this.#ticks.length === 0) return false
    const tasks = [...this.candidates.values()].map(({ ticks }) => new Set(ticks.map(({ task }) => task)).size)
    return (tasks.length > 1 && tasks.every((count) => count >= TICKS)) || tasks.some((count) => count > TICKS)
  }

  /** Removes and returns all ticks, in the order of their arrival. */
  take(): [track: object, tick: Tick][] {
    const ticks = this.#ticks
    this.#ticks = []
    this.#held = 0
    this.rest()
    return ticks
  }

  /** Schedules a proposal for the tracks that have not ticked. A tick cancels it. */
  idle(): void {
    if (this.#ticks.length > 0) return
    if (this.candidates.size > 0) this.#wait(this.#events.propose)
    else this.rest()
  }

  /** Cancels the timer. */
  rest(): void {
    this.#forget?.()
    this.#forget = undefined
  }

  #wait(then: () => void): void {
    this.rest()
    this.#forget = this.#timers.after(LONGEST_WAIT, then)
  }
}

/**
 * Formats that a plain array of values reveals. A proposal is announced without the format of its values, and waiting
 * values are plain arrays. Therefore, a proposal cannot be right for another format.
 */
const TOLD = [undefined, 'float64', 'int64', 'string']

/** Whether a proposal matches the decided group. */
export const isRight = (proposal: Proposal | undefined, members: readonly Candidate[]): boolean =>
  isSame(proposal?.members, members) && TOLD.includes(members[0]?.format)

export const isSame = (some: readonly Candidate[] | undefined, others: readonly Candidate[]): boolean =>
  some?.length === others.length && others.every((other, i) => other === some[i])
