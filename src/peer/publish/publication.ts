import {
  MAX_MESSAGE_BYTES,
  now,
  type Samples,
  type Source,
  type SourceSink,
  type StreamDescription,
  StreamError,
  StreamWriter,
} from '../../streams/mod.ts'
import type { Waiting } from '../link/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import { encodeControl, type Terms, termsOf } from '../wire/mod.ts'
import type { Outbox } from './outbox.ts'
import { announced, type OutgoingStream, OutgoingStreams } from './outgoing-streams.ts'
import type { PublicationStats } from './publication-stats.ts'
import { changeDescriptions, type DescriptionChanges, describeTrack, type PublishOptions } from './publish-options.ts'

export interface PublicationEvents {
  /**
   * Values did not fit their format, or a link could not send media. Publishing continues. If the source failed,
   * `close` follows.
   */
  error: CustomEvent<Error>
  close: Event
}

/** A source that this side publishes in a room. The publication follows its tracks until `stop`. */
export class Publication extends TypedEventTarget<PublicationEvents> {
  readonly id: string
  readonly name: string
  /** Samples taken from the source. */
  samples = 0
  /** Samples that did not fit their format, or the largest message. */
  refused = 0
  /** Messages of samples that were sent. Each counts once, however many receivers it has. */
  chunks = 0
  /** Bytes of these messages. */
  bytes = 0
  #options: PublishOptions
  readonly #outbox: Outbox
  readonly #terms: Terms
  readonly #tracks = new Map<object, OutgoingStream>()
  readonly #streams: OutgoingStreams
  #ended: (() => void) | undefined
  /** False while the constructor runs. Until then, errors are thrown; later, they are emitted. */
  #constructed = false
  #stopped = false

  /**
   * @param mediaStream holds the source's audio and video, if it may have any
   * @throws StreamError `bad-description` if the options or the source's own description are invalid, such as too long
   */
  constructor(source: Source, name: string, options: PublishOptions, outbox: Outbox, mediaStream?: MediaStream) {
    super()
    const number = outbox.nextNumber()
    this.id = String(number)
    this.name = name
    this.#options = options
    this.#terms = termsOf(options)
    this.#outbox = outbox
    const fail = (error: Error) => emit(this, 'error', error)
    this.#streams = new OutgoingStreams({ number, name, terms: this.#terms, outbox, mediaStream, fail })
    // Check the options now. A track may be described only at its first tick, when no caller can catch an error.
    this.#described({})
    this.#ended = source(this.#sink())
    this.#constructed = true
    const isEmpty = this.#tracks.size === 0 && (mediaStream?.getTracks().length ?? 0) === 0
    // Announce the publication together with its tracks. Without any track, it waits for the first one.
    if (!isEmpty) this.#announce()
  }

  /** Dropped chunks. Each counts once for every receiver that it was meant for. */
  get dropped(): number {
    return this.#terms.dropped.chunks
  }

  /** Returns the counts so far, and the current queue. */
  stats(): PublicationStats {
    const { samples, refused, chunks, bytes } = this
    const { dropped } = this.#terms
    const waiting = this.#waiting()
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
   * Changes the descriptions of its streams, for late joiners too. Receivers get the change in order with the samples.
   *
   * @throws StreamError `bad-description` if a change is invalid. After the first sample, the format and the number of
   *   channels cannot change.
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

  /**
   * Whether the longest queue exceeds half of its limits. A source that can wait should then wait for `drained()`.
   *
   * Always false unless the delivery is reliable and `overflow` is `pause`.
   */
  get full(): boolean {
    const { pauses, buffer } = this.#terms
    if (!pauses) return false
    const waiting = this.#waiting()
    return waiting.bytes > buffer.bytes / 2 || waiting.seconds > buffer.seconds / 2
  }

  /** Settles when the publication is no longer full, or has stopped. */
  async drained(): Promise<void> {
    while (!this.#stopped && this.full) await this.#outbox.drained()
  }

  /** Ends the publication and notifies its receivers. It still sends the samples that it has already taken. */
  stop(): void {
    if (this.#stopped) return
    this.#ended?.()
    for (const { writer } of this.#tracks.values()) writer.flush()
    this.#stopped = true
    if (this.#streams.isOpen) this.#announceEnd()
    this.dispatchEvent(new Event('close'))
  }

  /**
   * Settles when the publication has stopped, and every receiver has acknowledged all of it or has left. Receivers that
   * are away count too.
   *
   * @example
   * ```ts
   * import type { Publication } from 'datastreams-webrtc/peer'
   *
   * export async function finish(publication: Publication): Promise<void> {
   *   publication.stop()
   *   await publication.delivered() // only now may the program end
   * }
   * ```
   */
  async delivered(): Promise<void> {
    if (!this.#stopped) await new Promise((resolve) => this.addEventListener('close', resolve, { once: true }))
    await this.#outbox.delivered(this.#streams.number)
  }

  #announce(): void {
    if (this.#streams.isOpen || this.#stopped) return
    this.#outbox.add(this.#streams)
    this.#streams.isOpen = true
  }

  #announceEnd(): void {
    const { mediaStream, number, numbers, ends } = this.#streams
    for (const track of mediaStream?.getTracks() ?? []) this.#outbox.removeMedia(this.#streams, track)
    this.#outbox.sendAfter(numbers, encodeControl(['unpublish', number, ends]))
    this.#streams.isOpen = false
    this.#streams.endAll()
    this.#outbox.remove(this.#streams)
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
        this.#streams.mediaStream?.addTrack(track)
        if (this.#streams.isOpen) this.#outbox.addMedia(this.#streams, track)
        else if (this.#constructed) this.#announce()
      },
      removeMedia: (track) => {
        this.#streams.mediaStream?.removeTrack(track)
        if (this.#streams.isOpen) this.#outbox.removeMedia(this.#streams, track)
      },
    }
  }

  #addTrack(track: object, given: Partial<StreamDescription>): void {
    if (this.#tracks.has(track) || this.#stopped) return
    const description = this.#described(given)
    if (description === undefined) return
    const number = this.#outbox.nextNumber()
    const writer = new StreamWriter({
      description,
      infer: given.format === undefined && this.#options.format === undefined,
      emit: (samples, description) => this.#send(stream, samples, description),
      describe: (description) => {
        if (this.#streams.isOpen) this.#outbox.sendTo(number, encodeControl(['describe', number, description]))
      },
      refuse: (error, samples) => {
        this.refused += samples
        emit(this, 'error', error)
      },
    })
    const stream = this.#streams.add(number, writer)
    this.#tracks.set(track, stream)
    if (this.#streams.isOpen) {
      this.#outbox.send(encodeControl(['track', this.#streams.number, ...announced(stream, [])]))
    }
    // Announce all tracks that appear in one task together.
    else if (this.#constructed) queueMicrotask(() => this.#announce())
  }

  #removeTrack(track: object): void {
    const entry = this.#tracks.get(track)
    if (entry === undefined) return
    entry.writer.flush()
    this.#tracks.delete(track)
    const { number, writer } = entry
    this.#streams.end(entry)
    if (this.#streams.isOpen) this.#outbox.sendTo(number, encodeControl(['untrack', number, writer.samples]))
  }

  /** Emits an error after construction: no caller could catch an error of a later track. */
  #described(given: Partial<StreamDescription>): StreamDescription | undefined {
    try {
      return describeTrack(this.name, this.#options, given)
    } catch (error) {
      if (!this.#constructed) throw error
      emit(this, 'error', error)
      return undefined
    }
  }

  #send(stream: OutgoingStream, samples: Samples, description: StreamDescription): void {
    this.#announce()
    const { number, history } = stream
    const count = samples.timestamps.length
    stream.next = samples.first + count
    this.samples += count
    if (!this.#outbox.hasLinks && history === undefined) return
    const bytes = this.#terms.encode(number, samples, description)
    if (bytes.length > MAX_MESSAGE_BYTES) {
      const message = `Cannot send a sample of ${bytes.length} bytes: the limit is ${MAX_MESSAGE_BYTES}`
      this.refused += count
      emit(this, 'error', new StreamError('bad-value', message))
      return
    }
    const chunk = { bytes, samples: count, at: now() }
    history?.push(samples.first, chunk, description)
    if (!this.#outbox.hasLinks) return
    this.chunks++
    this.bytes += bytes.length
    this.#outbox.sendChunk(number, chunk, this.#terms)
  }

  /** Returns the queue of the receiver that is furthest behind, connected or away. */
  #waiting(): Waiting {
    const here = this.#outbox.waiting(this.#streams.numbers)
    const away = this.#streams.waiting()
    return { bytes: Math.max(here.bytes, away.bytes), seconds: Math.max(here.seconds, away.seconds) }
  }
}
