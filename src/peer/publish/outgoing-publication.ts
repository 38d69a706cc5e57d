import type { DescriptionInit, Source, SourceSink, StreamDescription } from '../../streams/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import { type Terms, termsOf } from '../wire/mod.ts'
import type { Outbox } from './outbox.ts'
import { OutgoingMedia } from './outgoing-media.ts'
import type { OutgoingStream } from './outgoing-stream.ts'
import { OutgoingStreams } from './outgoing-streams.ts'
import type { Publication, PublicationEvents, PublicationStats } from './publication.ts'
import { changeDescriptions, type DescriptionChanges, describeTrack, type PublishOptions } from './publish-options.ts'

/** Follows a source, from the first track until `stop`, and counts. */
export class OutgoingPublication extends TypedEventTarget<PublicationEvents> implements Publication {
  readonly id: string
  readonly name: string
  #options: PublishOptions
  readonly #outbox: Outbox
  readonly #terms: Terms
  readonly #counts = { samples: 0, refused: 0, chunks: 0, bytes: 0 }
  /** The streams by the source's tracks. */
  readonly #tracks = new Map<object, OutgoingStream>()
  readonly #streams: OutgoingStreams
  readonly #media: OutgoingMedia
  #end: (() => void) | undefined
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
    this.#media = new OutgoingMedia(mediaStream, outbox, fail)
    const shared = { terms: this.#terms, outbox, counts: this.#counts, fail }
    this.#streams = new OutgoingStreams({ ...shared, number, name, media: this.#media })
    // Check the options now. A track may be described only at its first tick, when no caller can catch an error.
    this.#described({})
    this.#end = source(this.#sink())
    this.#constructed = true
    // Announce the publication together with its tracks. Without any track, it waits for the first one.
    if (this.#tracks.size > 0 || this.#media.tracks.length > 0) this.#streams.open()
  }

  get samples(): number {
    return this.#counts.samples
  }

  get refused(): number {
    return this.#counts.refused
  }

  get chunks(): number {
    return this.#counts.chunks
  }

  get bytes(): number {
    return this.#counts.bytes
  }

  get dropped(): number {
    return this.#terms.dropped.chunks
  }

  stats(): PublicationStats {
    const { dropped } = this.#terms
    const { bytes, seconds } = this.#streams.waiting()
    return {
      ...this.#counts,
      droppedChunks: dropped.chunks,
      droppedSamples: dropped.samples,
      droppedBytes: dropped.bytes,
      queuedBytes: bytes,
      queueAge: seconds,
    }
  }

  describe(changes: DescriptionChanges): void {
    const writers = [...this.#tracks.values()].map(({ writer }) => writer)
    const { options, descriptions } = changeDescriptions(
      writers.map(({ description }) => description),
      changes,
      this.#options,
    )
    for (const [i, writer] of writers.entries()) {
      writer.describe(descriptions[i] as StreamDescription, changes.format !== undefined)
    }
    this.#options = options
  }

  get full(): boolean {
    const { pauses, buffer } = this.#terms
    if (!pauses) return false
    const { bytes, seconds } = this.#streams.waiting()
    return bytes > buffer.bytes / 2 || seconds > buffer.seconds / 2
  }

  async drained(): Promise<void> {
    while (!this.#stopped && this.full) await this.#outbox.drained()
  }

  stop(): void {
    if (this.#stopped) return
    this.#end?.()
    for (const { writer } of this.#tracks.values()) writer.flush()
    this.#stopped = true
    this.#streams.close()
    this.dispatchEvent(new Event('close'))
  }

  async delivered(): Promise<void> {
    if (!this.#stopped) await new Promise((resolve) => this.addEventListener('close', resolve, { once: true }))
    await this.#outbox.delivered(this.#streams.number)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
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
        this.#media.stream?.addTrack(track)
        if (this.#streams.isOpen) this.#media.addToAll(track)
        else if (this.#constructed) this.#streams.open()
      },
      removeMedia: (track) => {
        this.#media.stream?.removeTrack(track)
        if (this.#streams.isOpen) this.#media.removeFromAll(track)
      },
    }
  }

  #addTrack(track: object, given: DescriptionInit): void {
    if (this.#tracks.has(track) || this.#stopped) return
    const description = this.#described(given)
    if (description === undefined) return
    const infer = given.format === undefined && this.#options.format === undefined
    this.#tracks.set(track, this.#streams.add(description, infer))
    // Announce all tracks that appear in one task together.
    if (this.#constructed && !this.#streams.isOpen) queueMicrotask(() => this.#streams.open())
  }

  #removeTrack(track: object): void {
    const stream = this.#tracks.get(track)
    if (stream === undefined) return
    this.#tracks.delete(track)
    this.#streams.remove(stream)
  }

  /** Emits an error after construction: no caller could catch an error of a later track. */
  #described(given: DescriptionInit): StreamDescription | undefined {
    try {
      return describeTrack(this.name, this.#options, given)
    } catch (error) {
      if (!this.#constructed) throw error
      emit(this, 'error', error)
      return undefined
    }
  }
}
