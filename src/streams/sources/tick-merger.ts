import { areStamps, stampsOf } from '../chunks/mod.ts'
import type { DescriptionInit, Format } from '../description/mod.ts'
import { platformTimers, type Timers } from '../shared/mod.ts'
import { MergedStream } from './merged-stream.ts'
import type { Source, SourceSink } from './source.ts'
import { formatIn, samplesIn, type Tick } from './tick.ts'
import { TickDevice } from './tick-device.ts'
import { type Candidate, describeGroup } from './tick-layout.ts'

/** What the app knows about a source before its first value. */
export interface MergeOptions {
  /** Format of all values, if known. */
  format?: Format
  /** Hz; places samples without timestamps. @default 0 */
  nominalRate?: number
  /** The timers and the clock to use. @default the platform's */
  timers?: Timers
}

/** The destination of a track's values: a stream of its own, an undecided device, or a channel of a merged stream. */
type Route =
  | { to: 'stream'; stream: object }
  | { to: 'device'; device: TickDevice }
  | { to: 'merged'; merged: MergedStream; channel: number }

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
  readonly #merged = new Set<MergedStream>()
  /** Number of the current task, or of the last one in which samples came. */
  #task = 0
  #inTask = false

  constructor(sink: SourceSink, options: MergeOptions) {
    this.#sink = sink
    this.#options = options
    this.#timers = options.timers ?? platformTimers
  }

  addTrack(track: object, description: DescriptionInit): void {
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
    else if (route.to === 'merged') route.merged.push(route.channel, this.#tickOf(values, timestamps))
    else route.device.push(track, this.#tickOf(values, timestamps))
  }

  removeTrack(track: object): void {
    const route = this.#routes.get(track)
    if (route?.to === 'device') route.device.remove(track)
    // The device may have decided about the track.
    const decided = this.#routes.get(track)
    if (decided?.to === 'merged') decided.merged.remove(decided.channel)
    // The merged stream may have split.
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
    for (const device of this.#devices.values()) device.finish()
    for (const merged of [...this.#merged]) merged.finish()
  }

  #deviceOf(id: string): TickDevice {
    const known = this.#devices.get(id)
    if (known !== undefined) return known
    const device = new TickDevice(this.#timers, {
      propose: (stream, members) => this.#addStream(stream, members),
      withdraw: (stream) => this.#sink.removeTrack(stream),
      decided: (members, proposed) => this.#announce(members, proposed),
      forward: (ticks) => {
        this.#forward(ticks)
        if (!this.#inTask) this.#limitWaits()
      },
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
    for (const device of this.#devices.values()) device.endTask()
    this.#limitWaits()
  }

  #limitWaits(): void {
    for (const merged of this.#merged) merged.limitWait()
  }

  #forward(ticks: [track: object, tick: Tick][]): void {
    for (const [track, tick] of ticks) {
      const route = this.#routes.get(track)
      if (route?.to === 'stream') this.#sink.push(route.stream, tick.values, tick.stamps)
      else if (route?.to === 'merged') route.merged.push(route.channel, tick)
    }
  }

  /** @param proposed the stream of these tracks, if it is announced already */
  #announce(members: Candidate[], proposed?: object): void {
    const stream = proposed ?? {}
    if (proposed === undefined) this.#addStream(stream, members)
    for (const member of members) member.ticks = []
    if (members.length > 1) this.#merge(stream, members)
    else for (const { track } of members) this.#routes.set(track, { to: 'stream', stream })
  }

  #addStream(stream: object, members: Candidate[]): void {
    const format = this.#formatOf(members)
    this.#sink.addTrack(stream, { ...describeGroup(members), ...(format === undefined ? {} : { format }) })
  }

  #merge(stream: object, members: Candidate[]): void {
    const format = this.#formatOf(members)
    const merged = new MergedStream({
      members,
      holes: format === 'float32' || format === 'float64',
      timers: this.#timers,
      emit: (values, stamps) => this.#sink.push(stream, values, stamps),
      over: (groups, ticks) => {
        this.#merged.delete(merged)
        this.#sink.removeTrack(stream)
        for (const group of groups) this.#announce(group)
        this.#forward(ticks)
      },
    })
    members.forEach(({ track }, channel) => {
      this.#routes.set(track, { to: 'merged', merged, channel })
    })
    this.#merged.add(merged)
  }

  /** Waiting values are plain arrays, which reveal less about the format than the driver's typed arrays. */
  #formatOf([first]: readonly Candidate[]): Format | undefined {
    return this.#options.format ?? first?.format
  }
}
