import type { DescriptionInit } from '../description/mod.ts'
import type { Timers } from '../shared/mod.ts'
import type { Tick } from './tick.ts'
import { MAX_WAITING } from './tick-group.ts'
import { type Candidate, groupsIn } from './tick-layout.ts'

/** Longest time that a sample waits for samples of other tracks, in ms: two packets of a Muse. */
export const LONGEST_WAIT = 100
/** Ticks of every track that suffice for a decision. One more tick of a single track suffices too. */
const TICKS = 2

/** A stream that was announced before any of its tracks ticked. */
interface Proposal {
  stream: object
  members: Candidate[]
}

export interface TickDeviceHandlers {
  /** Announces a stream of tracks that have not ticked. Subscribers may want to know which streams exist. */
  propose(stream: object, members: Candidate[]): void
  /** Ends a proposed stream, because it was wrong. */
  withdraw(stream: object): void
  /** These tracks tick together. @param proposed their stream, if a proposal was right */
  decided(members: Candidate[], proposed: object | undefined): void
  /** Forwards the ticks of decided tracks, in the order of their arrival. */
  forward(ticks: [track: object, tick: Tick][]): void
}

/**
 * Collects the ticks of a device's tracks until it is clear which of them tick together. If none ticks, it proposes one
 * stream for all, because the tracks of most devices tick together.
 */
export class TickDevice {
  readonly #timers: Timers
  readonly #handlers: TickDeviceHandlers
  readonly #candidates = new Map<object, Candidate>()
  #proposal: Proposal | undefined
  #ticks: [track: object, tick: Tick][] = []
  #waiting = 0
  #cancel: (() => void) | undefined

  constructor(timers: Timers, handlers: TickDeviceHandlers) {
    this.#timers = timers
    this.#handlers = handlers
  }

  add(track: object, description: DescriptionInit): void {
    this.#candidates.set(track, { track, description, format: undefined, ticks: [] })
    this.#idle()
  }

  push(track: object, tick: Tick): void {
    const candidate = this.#candidates.get(track) as Candidate
    candidate.ticks.push(tick)
    candidate.format ??= tick.format
    this.#ticks.push([track, tick])
    this.#waiting += tick.values.length
    if (this.#ticks.length === 1) this.#wait(() => this.#decide())
    if (this.#waiting > MAX_WAITING) this.#decide()
  }

  /** A track has ended. Decides first, so that the track's samples are not lost. */
  remove(track: object): void {
    this.#decide()
    if (this.#candidates.delete(track)) this.#withdraw()
    this.#idle()
  }

  /** Decides if enough ticks have arrived. */
  endTask(): void {
    if (this.#ticks.length === 0) return
    const tasks = [...this.#candidates.values()].map(({ ticks }) => new Set(ticks.map(({ task }) => task)).size)
    const each = tasks.length > 1 && tasks.every((count) => count >= TICKS)
    if (each || tasks.some((count) => count > TICKS)) this.#decide()
  }

  /** Decides for the last time. */
  finish(): void {
    this.#decide()
    this.#stopWaiting()
  }

  #decide(): void {
    const ticks = this.#ticks
    this.#ticks = []
    this.#waiting = 0
    const groups = groupsIn(this.#candidates.values())
    const right = groups.find((members) => isRight(this.#proposal, members))
    const proposed = right && this.#proposal?.stream
    if (groups.length > 0 && right === undefined) this.#withdraw()
    if (right !== undefined) this.#proposal = undefined
    for (const members of groups) {
      for (const { track } of members) this.#candidates.delete(track)
      this.#handlers.decided(members, members === right ? proposed : undefined)
    }
    this.#idle()
    this.#handlers.forward(ticks)
  }

  #propose(): void {
    this.#stopWaiting()
    const members = [...this.#candidates.values()]
    if (isSame(this.#proposal?.members, members)) return
    this.#withdraw()
    this.#proposal = { stream: {}, members }
    this.#handlers.propose(this.#proposal.stream, members)
  }

  #withdraw(): void {
    if (this.#proposal !== undefined) this.#handlers.withdraw(this.#proposal.stream)
    this.#proposal = undefined
  }

  /** Schedules a proposal for the tracks that have not ticked. A tick cancels it. */
  #idle(): void {
    if (this.#ticks.length > 0) return
    if (this.#candidates.size > 0) this.#wait(() => this.#propose())
    else this.#stopWaiting()
  }

  #wait(then: () => void): void {
    this.#stopWaiting()
    this.#cancel = this.#timers.after(LONGEST_WAIT, then)
  }

  #stopWaiting(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}

/**
 * Formats that a plain array of values reveals. A proposal is announced without the format of its values, and waiting
 * values are plain arrays. Therefore, a proposal cannot be right for another format.
 */
const REVEALED = [undefined, 'float64', 'int64', 'string']

/** Whether a proposal matches the decided group. */
const isRight = (proposal: Proposal | undefined, members: readonly Candidate[]): boolean =>
  isSame(proposal?.members, members) && REVEALED.includes(members[0]?.format)

const isSame = (some: readonly Candidate[] | undefined, others: readonly Candidate[]): boolean =>
  some?.length === others.length && others.every((other, i) => other === some[i])
