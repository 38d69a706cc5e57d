import { areStamps, stampsOf } from '../chunks/mod.ts'
import type { Format, StreamDescription } from '../description/mod.ts'
import { platformTimers, type Timers } from '../shared/mod.ts'
import type { Source, SourceSink } from './source.ts'
import { formatIn, samplesIn, type Tick } from './tick.ts'
import { isRight, isSame, LONGEST_WAIT, type Proposal, TickDevice } from './tick-device.ts'
import { TickGroup } from './tick-group.ts'
import { type Candidate, describeGroup, groupsIn } from './tick-layout.ts'

export interface MergeOptions {
  /** Format of all values, if known. */
  format?: Format
  /** Hz; places samples without timestamps. @default 0 */
  nominalRate?: number
  timers?: Timers
}

/** The destination of a track's values. */
type Route =
  | { to: 'stream'; stream: object }
  | { to: 'device'; device: TickDevice }
  | { to: 'group'; group: Group; channel: number }

interface Group {
  /** Identifies the group's stream in the sink. */
  stream: object
  members: Candidate[]
  ticks: TickGroup
  waitsFor: object | undefined
  /** Whether some of its tracks ended in this task. */
  leaving: boolean
  forget: (() => void) | undefined
}

/**
 * Merges those tracks of a device that tick together into one stream, sample for sample.
 *
 * - The merger announces a device's tracks after two ticks of each, three of one, or 100 ms: whichever is first. Until
 *   then, it buffers their samples.
 * - After 100 ms, it announces tracks that do not tick as one stream. Other streams replace it if the ticks require it.
 * - NaN replaces the value of a channel without a tick. The stream ends if NaN is impossible, if too many ticks are
 *   missing, or if a missing tick arrives late. Each of its tracks then continues as a separate stream.
 * - A track that begins to tick later, or has no device id, becomes a separate stream. Without a device id, this
 *   happens immediately.
 */
export function mergeTicks(source: Source, options: MergeOptions = {}): Source {
  return (sink) => {
    const merger = new TickMerger(sink, options)
    const end = source(merger)
    return () => {
      end()
      merger.finish()
    }
  }
}

class TickMerger implements SourceSink {
  readonly #sink: SourceSink
  readonly #options: MergeOptions
  readonly #timers: Timers
  readonly #routes = new Map<object, Route>()
  readonly #devices = new Map<string, TickDevice>()
  readonly #groups = new Set<Group>()
  #task = 0
  #inTask = false

  constructor(sink: SourceSink, options: MergeOptions) {
    this.#sink = sink
    this.#options = options
    this.#timers = options.timers ?? platformTimers
  }

  addTrack(track: object, description: Partial<StreamDescription>): void {
    if (this.#routes.has(track)) return
    if (!description.sourceId) {
      this.#routes.set(track, { to: 'stream', stream: track })
      this.#sink.addTrack(track, description)
      return
    }
    const device = this.#deviceOf(description.sourceId)
    device.add(track, description)
    this.#routes.set(track, { to: 'device', device })
  }

  push(track: object, values: ArrayLike<unknown>, timestamps?: ArrayLike<unknown> | number): void {
    const route = this.#routes.get(track)
    if (route === undefined) return
    if (route.to === 'stream') this.#sink.push(route.stream, values, timestamps)
    else if (route.to === 'group') this.#toGroup(route.group, route.channel, this.#tickOf(values, timestamps))
    else route.device.push(track, this.#tickOf(values, timestamps))
  }

  removeTrack(track: object): void {
    const route = this.#routes.get(track)
    if (route?.to === 'device') {
      const { device } = route
      this.#decide(device)
      if (device.candidates.delete(track)) this.#withdraw(device)
      device.idle()
    }
    const decided = this.#routes.get(track)
    if (decided?.to === 'group') this.#leave(decided.group)
    // `#leave` may have turned the track into a separate stream.
    const left = this.#routes.get(track)
    if (left?.to === 'stream') this.#sink.removeTrack(left.stream)
    this.#routes.delete(track)
  }

  addMedia(track: MediaStreamTrack): void {
    this.#sink.addMedia(track)
  }

  removeMedia(track: MediaStreamTrack): void {
    this.#sink.removeMedia(track)
  }

  get full(): boolean {
    return this.#sink.full
  }

  drained(): Promise<void> {
    return this.#sink.drained()
  }

  end(error?: Error): void {
    this.finish()
    this.#sink.end(error)
  }

  /** Emits everything that waits. */
  finish(): void {
    for (const device of this.#devices.values()) {
      this.#decide(device)
      device.rest()
    }
    for (const group of [...this.#groups]) {
      group.forget?.()
      if (group.leaving) this.#goOn(group)
      else if (!group.ticks.flush()) this.#split(group)
    }
  }

  #deviceOf(id: string): TickDevice {
    const known = this.#devices.get(id)
    if (known !== undefined) return known
    const device = new TickDevice(this.#timers, {
      decide: () => this.#decide(device),
      propose: () => this.#propose(device),
    })
    this.#devices.set(id, device)
    return device
  }

  #tickOf(given: ArrayLike<unknown>, timestamps: ArrayLike<unknown> | number | undefined): Tick {
    if (!this.#inTask) {
      this.#inTask = true
      this.#task++
      this.#timers.endOfTask(() => this.#endTask())
    }
    const { nominalRate = 0 } = this.#options
    const { at: stampAt } = stampsOf(timestamps, given.length, { nominalRate, timeUnit: 'ms' }, this.#timers.now)
    return { ...samplesIn(given, stampAt), format: formatIn(given), stamped: areStamps(timestamps), task: this.#task }
  }

  #endTask(): void {
    this.#inTask = false
    for (const device of this.#devices.values()) if (device.isClear) this.#decide(device)
    for (const group of [...this.#groups]) this.#wait(group)
  }

  #route(track: object, tick: Tick): void {
    const route = this.#routes.get(track)
    if (route?.to === 'stream') this.#sink.push(route.stream, tick.values, tick.stamps)
    else if (route?.to === 'group') this.#toGroup(route.group, route.channel, tick)
  }

  /** Announces the tracks that have ticked, and forwards their ticks. */
  #decide(device: TickDevice): void {
    const ticks = device.take()
    const groups = groupsIn(device.candidates.values())
    const { proposal } = device
    const right = groups.find((members) => isRight(proposal, members))
    if (groups.length > 0 && right === undefined) this.#withdraw(device)
    for (const members of groups) {
      for (const { track } of members) device.candidates.delete(track)
      if (members === right) this.#follow(members, (proposal as Proposal).stream)
      else this.#announce(members)
    }
    if (right !== undefined) device.proposal = undefined
    device.idle()
    for (const [track, tick] of ticks) this.#route(track, tick)
    if (!this.#inTask) for (const group of [...this.#groups]) this.#wait(group)
  }

  /** Announces tracks that have not ticked as if they tick together, as those of most devices do. */
  #propose(device: TickDevice): void {
    const members = [...device.candidates.values()]
    if (isSame(device.proposal?.members, members)) return
    this.#withdraw(device)
    device.rest()
    const stream = {}
    device.proposal = { stream, members }
    this.#addStream(members, stream)
  }

  #withdraw(device: TickDevice): void {
    if (device.proposal !== undefined) this.#sink.removeTrack(device.proposal.stream)
    device.proposal = undefined
  }

  #announce(members: Candidate[]): void {
    const stream = {}
    this.#addStream(members, stream)
    this.#follow(members, stream)
  }

  #addStream(members: Candidate[], stream: object): void {
    // Waiting values are plain arrays, which reveal less about the format than the driver's typed arrays.
    const format = this.#options.format ?? members[0]?.format
    this.#sink.addTrack(stream, { ...describeGroup(members), ...(format === undefined ? {} : { format }) })
  }

  #follow(members: Candidate[], stream: object): void {
    for (const member of members) member.ticks = []
    const [first] = members as [Candidate]
    if (members.length === 1) {
      this.#routes.set(first.track, { to: 'stream', stream })
      return
    }
    const format = this.#options.format ?? first.format
    const ticks = new TickGroup({
      channels: members.length,
      holes: format === 'float32' || format === 'float64',
      emit: (values, stamps) => this.#sink.push(stream, values, stamps),
    })
    const group: Group = { stream, members, ticks, waitsFor: undefined, leaving: false, forget: undefined }
    members.forEach(({ track }, channel) => {
      this.#routes.set(track, { to: 'group', group, channel })
    })
    this.#groups.add(group)
  }

  #toGroup(group: Group, channel: number, tick: Tick): void {
    if (!group.ticks.add(channel, tick)) this.#split(group)
  }

  /** Limits how long the oldest row waits. */
  #wait(group: Group): void {
    const { oldest } = group.ticks
    if (oldest === group.waitsFor) return
    group.forget?.()
    group.waitsFor = oldest
    group.forget = undefined
    if (oldest === undefined) return
    group.forget = this.#timers.after(LONGEST_WAIT, () => {
      if (!group.ticks.flush()) this.#split(group)
    })
  }

  /** Ends a group. Each of its tracks continues as a separate stream. */
  #split(group: Group): void {
    this.#end(group)
    for (const member of this.#membersOf(group)) this.#announce([member])
    for (const [channel, tick] of group.ticks.take()) this.#route((group.members[channel] as Candidate).track, tick)
  }

  /** Waits for the end of the task, in which a device may end all its tracks. Then the remaining tracks continue. */
  #leave(group: Group): void {
    if (!group.ticks.flush()) this.#split(group)
    else if (!group.leaving) {
      group.leaving = true
      this.#timers.endOfTask(() => this.#goOn(group))
    }
  }

  #goOn(group: Group): void {
    if (!this.#groups.has(group)) return
    if (!group.ticks.flush()) this.#split(group)
    else {
      this.#end(group)
      const staying = this.#membersOf(group)
      if (staying.length > 0) this.#announce(staying)
    }
  }

  /** The members that have not ended. */
  #membersOf(group: Group): Candidate[] {
    return group.members.filter(({ track }) => {
      const route = this.#routes.get(track)
      return route?.to === 'group' && route.group === group
    })
  }

  #end(group: Group): void {
    group.forget?.()
    this.#groups.delete(group)
    this.#sink.removeTrack(group.stream)
  }
}
