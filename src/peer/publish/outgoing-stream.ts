import {
  MAX_MESSAGE_BYTES,
  now,
  type Samples,
  type StreamDescription,
  StreamError,
  StreamWriter,
} from '../../streams/mod.ts'
import type { Receiver } from '../link/mod.ts'
import { type AnnouncedStream, type Control, encodeControl, type Terms } from '../wire/mod.ts'
import type { Wanted } from './announced.ts'
import { History, type PastChunk } from './history.ts'
import type { Outbox } from './outbox.ts'
import type { PublicationStats } from './publication.ts'

/** The publication of a stream, as the stream sees it. */
export interface StreamOwner {
  readonly terms: Terms
  readonly outbox: Outbox
  /** The stream counts here what it takes, refuses and sends. */
  readonly counts: Pick<PublicationStats, 'samples' | 'refused' | 'chunks' | 'bytes'>
  /** Whether the publication is announced to the receivers, and not over. */
  readonly isOpen: boolean
  /** Announces the publication, unless that has happened before. */
  open(): void
  /** Emits an error. */
  fail(error: Error): void
}

/** One stream of a publication. */
export class OutgoingStream {
  readonly number: number
  /** Collects the samples into chunks. */
  readonly writer: StreamWriter
  /** Undefined if the delivery is not reliable: no link can resend such a stream. */
  readonly history: History | undefined
  ended = false
  readonly #owner: StreamOwner
  /** The number of the next sample to send. */
  #next = 0

  /** @param infer whether the first value decides the format */
  constructor(owner: StreamOwner, description: StreamDescription, infer: boolean) {
    const { outbox, terms } = owner
    this.#owner = owner
    this.number = outbox.nextNumber()
    this.history = terms.reliable ? new History(terms) : undefined
    for (const link of outbox.away) this.history?.leave(link, { bytes: 0, seconds: 0 })
    this.writer = new StreamWriter({
      description,
      infer,
      emit: (samples, description) => this.#write(samples, description),
      describe: (description) => this.#sendControl(['describe', this.number, description]),
      refuse: (error, samples) => this.#refuse(error, samples),
    })
  }

  /** Returns the chunks that a receiver wants of the past. Counts those that the history no longer holds as dropped. */
  past({ since, resume }: Wanted): PastChunk[] {
    const next = resume?.next.get(this.number)
    if (this.history === undefined) return []
    if (next === undefined) return this.history.from({ since })
    const past = this.history.from({ next })
    const missing = (past[0]?.first ?? this.#next) - next
    // The receiver was away too long. The loss counts as one chunk, because the number of lost chunks is unknown.
    if (missing > 0) {
      const { dropped } = this.#owner.terms
      dropped.samples += missing
      dropped.chunks++
    }
    return past
  }

  /** @param past chunks to send again. Their first description announces the stream. */
  announcement([first]: PastChunk[] = []): AnnouncedStream {
    const description = first?.description ?? this.writer.description
    return this.history === undefined
      ? [this.number, description]
      : [this.number, description, first?.first ?? this.#next]
  }

  /** Sends past chunks to a receiver, after their announcement. */
  replay(link: Receiver, past: readonly PastChunk[]): void {
    this.history?.replay(link, this.number, past, this.writer.description)
  }

  /** Returns the control that ends the stream alone. */
  get untrack(): Control {
    return ['untrack', this.number, this.writer.samples]
  }

  /** Ends the stream for every receiver, while its publication continues. */
  sendEnd(): void {
    this.#sendControl(this.untrack)
  }

  /** Encodes one chunk for all receivers, keeps it for late and returning ones, and sends it over every link. */
  #write(samples: Samples, description: StreamDescription): void {
    const { terms, outbox, counts } = this.#owner
    const { links } = outbox
    const count = samples.timestamps.length
    this.#owner.open()
    this.#next = samples.first + count
    counts.samples += count
    if (links.size === 0 && this.history === undefined) return
    const bytes = terms.encode(this.number, samples, description)
    if (bytes.length > MAX_MESSAGE_BYTES) {
      const message = `Cannot send a sample of ${bytes.length} bytes: the limit is ${MAX_MESSAGE_BYTES}`
      this.#refuse(new StreamError('bad-value', message), count)
      return
    }
    const chunk = { bytes, samples: count, at: now() }
    this.history?.push(samples.first, chunk, description)
    if (links.size === 0) return
    counts.chunks++
    counts.bytes += bytes.length
    for (const link of links) link.sendChunk(this.number, chunk, terms)
  }

  #refuse(error: StreamError, samples: number): void {
    this.#owner.counts.refused += samples
    this.#owner.fail(error)
  }

  /** Sends a control after everything that the stream has queued. */
  #sendControl(control: Control): void {
    if (!this.#owner.isOpen) return
    const bytes = encodeControl(control)
    for (const link of this.#owner.outbox.links) link.sendTo(this.number, bytes)
  }
}
