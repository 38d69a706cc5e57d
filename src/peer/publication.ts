import {
  encodeChunk,
  MAX_MESSAGE_BYTES,
  now,
  type Samples,
  type Source,
  type SourceSink,
  type StreamDescription,
  StreamError,
  StreamWriter,
} from '../streams/mod.ts'
import { announce, encodeControl, type PublicationInfo } from './control.ts'
import { type Terms, termsOf } from './delivery.ts'
import { History } from './history.ts'
import { layoutMark, markChunk } from './layout-mark.ts'
import type { Link } from './link.ts'
import type { Announced, Outbox } from './outbox.ts'
import type { PublicationStats } from './publication-stats.ts'
import { changeDescriptions, type DescriptionChanges, describeTrack, type PublishOptions } from './publish-options.ts'
import { emit, TypedEventTarget } from './typed-events.ts'

export interface PublicationEvents {
  /** Values that did not fit, or media that could not be sent; publishing goes on. */
  error: CustomEvent<Error>
  close: Event
}

/** One stream, and what is kept of it: undefined where nothing is, as it is not reliable. */
interface Track {
  number: number
  writer: StreamWriter
  history: History | undefined
}

/** What one publishes in a room: a source's tracks, followed until `stop`. */
export class Publication extends TypedEventTarget<PublicationEvents> {
  readonly id: string
  readonly name: string
  /** Samples taken, and those that did not fit their format. */
  samples = 0
  refused = 0
  /** Messages of samples that went out, and their bytes: each once, whoever gets it. */
  chunks = 0
  bytes = 0
  readonly #number: number
  #options: PublishOptions
  readonly #outbox: Outbox
  readonly #terms: Terms
  readonly #tracks = new Map<object, Track>()
  readonly #announced: Announced
  #ended: (() => void) | undefined
  /** Whether there is nobody left to throw at. */
  #constructed = false
  /** Whether the others were told. */
  #open = false
  #stopped = false

  /**
   * @param mediaStream holds the source's sound and pictures, if it may have any
   * @throws StreamError `bad-description` where the options or the source's own words are too long
   */
  constructor(source: Source, name: string, options: PublishOptions, outbox: Outbox, mediaStream?: MediaStream) {
    super()
    this.#number = outbox.nextNumber()
    this.id = String(this.#number)
    this.name = name
    this.#options = options
    this.#terms = termsOf(options)
    this.#outbox = outbox
    this.#announced = {
      mediaStream,
      announce: (link, history) => this.#announce(link, history),
      fail: (error) => emit(this, 'error', error),
    }
    // Tracks that have yet to tick are described later, when there is nobody left to throw at.
    this.#described({})
    this.#ended = source(this.#sink())
    this.#constructed = true
    const isEmpty = this.#tracks.size === 0 && (mediaStream?.getTracks().length ?? 0) === 0
    // Whoever hears of a stream finds its tracks in it: one whose tracks have yet to show waits for them.
    if (!isEmpty) this.#tellAll()
  }

  /** Chunks that were dropped, once for each receiver that they were meant for. */
  get dropped(): number {
    return this.#terms.dropped.chunks
  }

  /** What became of it so far. */
  stats(): PublicationStats {
    const { samples, refused, chunks, bytes } = this
    const { dropped } = this.#terms
    const waiting = this.#outbox.waiting(this.#numbers())
    return {
      samples,
      refused,
      chunks,
      bytes,
      droppedChunks: dropped.chunks,
      droppedSamples: dropped.samples,
      droppedBytes: dropped.bytes,
      queuedBytes: waiting.bytes,
      queueAge: waiting.seconds,
    }
  }

  /**
   * Changes what is said of its streams, for those that come later too. Whoever listens hears of it in order with the
   * samples.
   *
   * @throws StreamError `bad-description`, also for another format or number of channels once there are samples
   *
   * @example
   * ```ts
   * import type { Publication } from 'datastreams-webrtc/peer'
   *
   * export function relabel(publication: Publication): void {
   *   publication.describe({ labels: ['Fp1', 'Fp2'], unit: 'µV', metadata: { cap: 'M' } })
   * }
   * ```
   */
  describe(changes: DescriptionChanges): void {
    const writers = [...this.#tracks.values()].map(({ writer }) => writer)
    const descriptions = changeDescriptions(
      writers.map(({ description }) => description),
      changes,
    )
    for (const [i, writer] of writers.entries()) {
      writer.describe(descriptions[i] as StreamDescription, changes.format !== undefined)
    }
    const { labels: _, ...options } = changes
    this.#options = { ...this.#options, ...options }
  }

  /** Whether what waits for somebody has used up half of its bounds: whoever can wait should. */
  get full(): boolean {
    const { delivery, overflow, buffer } = this.#terms
    if (delivery !== 'reliable' || overflow !== 'pause') return false
    const waiting = this.#outbox.waiting(this.#numbers())
    return waiting.bytes > buffer.bytes / 2 || waiting.seconds > buffer.seconds / 2
  }

  /** Settles once it is not full, or over. */
  async drained(): Promise<void> {
    while (!this.#stopped && this.full) await this.#outbox.drained()
  }

  /** Ends it; others are told. Samples given before still go out. */
  stop(): void {
    if (this.#stopped) return
    this.#ended?.()
    for (const { writer } of this.#tracks.values()) writer.flush()
    this.#stopped = true
    if (this.#open) this.#tellEnd()
    for (const { history } of this.#tracks.values()) history?.clear()
    this.dispatchEvent(new Event('close'))
  }

  #tellAll(): void {
    if (this.#open || this.#stopped) return
    this.#outbox.add(this.#announced)
    this.#open = true
  }

  #tellEnd(): void {
    const { mediaStream } = this.#announced
    for (const track of mediaStream?.getTracks() ?? []) this.#outbox.removeMedia(this.#announced, track)
    const ends = [...this.#tracks.values()].map(({ number, writer }): [number, number] => [number, writer.samples])
    this.#outbox.sendAfter(this.#numbers(), encodeControl(['unpublish', this.#number, ends]))
    this.#outbox.remove(this.#announced)
  }

  #sink(): SourceSink {
    const isFull = () => this.full
    return {
      get full() {
        return isFull()
      },
      drained: () => this.drained(),
      end: (error) => {
        if (error !== undefined) emit(this, 'error', error)
        this.stop()
      },
      addTrack: (track, description) => this.#addTrack(track, description),
      removeTrack: (track) => this.#removeTrack(track),
      push: (track, values, timestamps) => {
        if (!this.#stopped) this.#tracks.get(track)?.writer.add(values, timestamps)
      },
      addMedia: (track) => {
        this.#announced.mediaStream?.addTrack(track)
        if (this.#open) this.#outbox.addMedia(this.#announced, track)
        else if (this.#constructed) this.#tellAll()
      },
      removeMedia: (track) => {
        this.#announced.mediaStream?.removeTrack(track)
        if (this.#open) this.#outbox.removeMedia(this.#announced, track)
      },
    }
  }

  #addTrack(track: object, given: Partial<StreamDescription>): void {
    if (this.#tracks.has(track)) return
    const description = this.#described(given)
    if (description === undefined) return
    const number = this.#outbox.nextNumber()
    const history = this.#terms.delivery === 'reliable' ? new History(this.#terms) : undefined
    const writer = new StreamWriter({
      description,
      infer: given.format === undefined && this.#options.format === undefined,
      emit: (samples, description) => this.#send(number, samples, description, history),
      describe: (description) => {
        if (this.#open) this.#outbox.sendTo(number, encodeControl(['describe', number, description]))
      },
      refuse: (error, samples) => {
        this.refused += samples
        emit(this, 'error', error)
      },
    })
    this.#tracks.set(track, { number, writer, history })
    if (this.#open) this.#outbox.send(encodeControl(['track', this.#number, number, description]))
    // Tracks that show in one task are told together.
    else if (this.#constructed) queueMicrotask(() => this.#tellAll())
  }

  #removeTrack(track: object): void {
    const entry = this.#tracks.get(track)
    if (entry === undefined) return
    entry.writer.flush()
    this.#tracks.delete(track)
    const { number, writer } = entry
    if (this.#open) this.#outbox.sendTo(number, encodeControl(['untrack', number, writer.samples]))
  }

  /** A track that comes later has nobody to throw at, so its fault is an event. */
  #described(given: Partial<StreamDescription>): StreamDescription | undefined {
    try {
      return describeTrack(this.name, this.#options, given)
    } catch (error) {
      if (!this.#constructed) throw error
      emit(this, 'error', error)
      return undefined
    }
  }

  #announce(link: Link, history: number): void {
    // What is gathered belongs to the links that are there already: a new one starts with what is in the history, or
    // with the next sample.
    if (this.#open) for (const { writer } of this.#tracks.values()) writer.flush()
    const tracks = [...this.#tracks.values()].map(({ number, writer }): [number, StreamDescription] => [
      number,
      writer.description,
    ])
    const { delivery: chosen } = this.#terms
    const delivery = chosen === 'reliable' ? undefined : chosen === 'latest' ? chosen : 'deadline'
    const info: PublicationInfo = { name: this.name, media: this.#announced.mediaStream?.id, delivery, tracks }
    for (const message of announce(this.#number, info)) link.send(message)
    if (history === 0) return
    for (const { number, writer, history: past } of this.#tracks.values()) {
      past?.replay(link, number, writer.description, history)
    }
  }

  #send(stream: number, samples: Samples, description: StreamDescription, history: History | undefined): void {
    this.#tellAll()
    const count = samples.timestamps.length
    this.samples += count
    if (!this.#outbox.hasLinks && history === undefined) return
    const encoded = encodeChunk(stream, samples, description)
    const bytes = history === undefined ? markChunk(layoutMark(description), encoded) : encoded
    if (bytes.length > MAX_MESSAGE_BYTES) {
      const message = `Cannot send a sample as it must fit in ${MAX_MESSAGE_BYTES} bytes: it has ${bytes.length}`
      this.refused += count
      emit(this, 'error', new StreamError('bad-value', message))
      return
    }
    const chunk = { bytes, samples: count, at: now() }
    history?.push(chunk, description)
    if (!this.#outbox.hasLinks) return
    this.chunks++
    this.bytes += bytes.length
    this.#outbox.sendChunk(stream, chunk, this.#terms)
  }

  #numbers(): number[] {
    return [...this.#tracks.values()].map(({ number }) => number)
  }
}

/** One stream that is fed by hand. */
export interface PushPublication extends Publication {
  /**
   * Sends samples.
   *
   * @param values sample after sample: samples × channels; a typed array is copied
   * @param timestamps in seconds, or as the `timeUnit` says; one for each sample, or one for all. Without any, the last
   *   sample is of this moment and the others lie before it at the nominal rate
   * @returns whether there is room for more; where there is not, wait for `drained()`
   */
  push(values: ArrayLike<unknown>, timestamps?: ArrayLike<number> | number): boolean
}
