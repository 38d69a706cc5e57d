import type { Timers } from '../shared/mod.ts'
import type { Tick } from './tick.ts'
import { LONGEST_WAIT } from './tick-device.ts'
import { TickGroup } from './tick-group.ts'
import type { Candidate } from './tick-layout.ts'

export interface MergedStreamOptions {
  /** The tracks. Each becomes the channel of its index. */
  members: readonly Candidate[]
  /** Whether NaN can replace a missing value. */
  holes: boolean
  timers: Timers
  emit(values: unknown[], stamps: number[]): void
  /**
   * The stream is over.
   *
   * @param groups the remaining tracks: together in one group, or each in its own
   * @param ticks what the stream has not emitted
   */
  over(groups: Candidate[][], ticks: [track: object, tick: Tick][]): void
}

/** One stream of several tracks. It ends when they no longer tick together, or when one of them ends. */
export class MergedStream {
  readonly #options: MergedStreamOptions
  readonly #ticks: TickGroup
  /** By channel; undefined for a track that has ended. */
  readonly #members: (Candidate | undefined)[]
  #waitsFor: object | undefined
  #cancel: (() => void) | undefined
  /** Whether some of its tracks ended in this task. */
  #shrinks = false
  #isOver = false

  constructor(options: MergedStreamOptions) {
    const { members, holes, emit } = options
    this.#options = options
    this.#members = [...members]
    this.#ticks = new TickGroup({ channels: members.length, holes, emit })
  }

  push(channel: number, tick: Tick): void {
    if (!this.#ticks.add(channel, tick)) this.#split()
  }

  /** A track has ended. Waits for the end of the task, in which a device may end all its tracks. */
  remove(channel: number): void {
    // If the stream splits now, the track's last ticks belong to its separate stream.
    if (!this.#flush()) return
    this.#members[channel] = undefined
    if (this.#shrinks) return
    this.#shrinks = true
    this.#options.timers.endOfTask(() => this.#regroup())
  }

  /** Limits how long the oldest row waits. */
  limitWait(): void {
    const { oldest } = this.#ticks
    if (oldest === this.#waitsFor) return
    this.#cancel?.()
    this.#waitsFor = oldest
    this.#cancel = oldest && this.#options.timers.after(LONGEST_WAIT, () => this.#flush())
  }

  /** Emits everything that waits. */
  finish(): void {
    this.#cancel?.()
    if (this.#shrinks) this.#regroup()
    else this.#flush()
  }

  /** @returns false if the stream had to split */
  #flush(): boolean {
    if (this.#ticks.flush()) return true
    this.#split()
    return false
  }

  /** The tracks that have not ended continue together. */
  #regroup(): void {
    if (this.#isOver || !this.#flush()) return
    const staying = this.#staying
    this.#end(staying.length > 0 ? [staying] : [])
  }

  /** Each track continues as a separate stream. */
  #split(): void {
    this.#end(this.#staying.map((member) => [member]))
  }

  get #staying(): Candidate[] {
    return this.#members.filter((member) => member !== undefined)
  }

  #end(groups: Candidate[][]): void {
    this.#isOver = true
    this.#cancel?.()
    const ticks = this.#ticks.take()
    // A track that has ended has no ticks left: `remove` emitted them.
    this.#options.over(
      groups,
      ticks.map(([channel, tick]) => [(this.#members[channel] as Candidate).track, tick]),
    )
  }
}
