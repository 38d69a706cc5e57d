import type { StreamWriter } from '../../streams/mod.ts'
import type { Receiver, Waiting } from '../link/mod.ts'
import { type AnnouncedStream, announce, encodeControl, type PublicationInfo, type Terms } from '../wire/mod.ts'
import { History, IN_FLIGHT, type PastChunk } from './history.ts'
import type { Announced, Outbox, Wanted } from './outbox.ts'

/** One stream of a publication. */
export interface OutgoingStream {
  readonly number: number
  readonly writer: StreamWriter
  /** Undefined if the delivery is not reliable: no link can resend such a stream. */
  readonly history: History | undefined
  /** The number of the next sample to send. */
  next: number
  ended: boolean
}

/** Most ended streams of a live publication that stay known to receivers that were away. */
const MAX_ENDED_STREAMS = 64

export interface OutgoingStreamsOptions {
  number: number
  name: string
  terms: Terms
  outbox: Outbox
  mediaStream: MediaStream | undefined
  fail(error: Error): void
}

/** The streams of a publication, and what it announces to new and returning receivers. */
export class OutgoingStreams implements Announced {
  readonly number: number
  readonly mediaStream: MediaStream | undefined
  /** Whether the outbox has announced the publication. */
  isOpen = false
  readonly #options: OutgoingStreamsOptions
  readonly #live = new Map<number, OutgoingStream>()
  readonly #ended = new Map<number, OutgoingStream>()
  /** Whether the publication has ended. */
  #over = false

  constructor(options: OutgoingStreamsOptions) {
    this.number = options.number
    this.mediaStream = options.mediaStream
    this.#options = options
  }

  get numbers(): number[] {
    return [...this.#live.keys()]
  }

  add(number: number, writer: StreamWriter): OutgoingStream {
    const { terms, outbox } = this.#options
    const history = terms.reliable ? new History(terms) : undefined
    for (const link of outbox.away) history?.leave(link, { bytes: 0, seconds: 0 })
    const stream = { number, writer, history, next: 0, ended: false }
    this.#live.set(number, stream)
    return stream
  }

  /** Ends a stream. Receivers that are away can still receive its end, as long as the stream is kept. */
  end(stream: OutgoingStream): void {
    const { outbox, terms } = this.#options
    stream.ended = true
    this.#live.delete(stream.number)
    if (!outbox.hasReceivers) {
      stream.history?.clear()
      return
    }
    this.#ended.set(stream.number, stream)
    outbox.after(terms.buffer.seconds, () => stream.history?.clear())
    if (this.#over) return
    const { bytes } = terms.buffer
    for (const oldest of this.#ended.values()) {
      if (this.#ended.size <= MAX_ENDED_STREAMS && this.endedBytes <= bytes + IN_FLIGHT.bytes) return
      oldest.history?.clear()
      this.#ended.delete(oldest.number)
    }
  }

  /** Ends all streams, because the publication has ended. */
  endAll(): void {
    this.#over = true
    for (const stream of [...this.#live.values()]) this.end(stream)
  }

  get endedBytes(): number {
    let bytes = 0
    for (const { history } of this.#ended.values()) bytes += history?.bytes ?? 0
    return bytes
  }

  /** Total number of samples of each live stream: no receiver knows their end yet. */
  get ends(): [stream: number, samples: number][] {
    return [...this.#live.values()].map(({ number, writer }) => [number, writer.samples])
  }

  /** Returns the most that waits for a receiver that is away. */
  waiting(): Waiting {
    const most = { bytes: 0, seconds: 0 }
    for (const { history } of this.#live.values()) {
      const { bytes, seconds } = history?.waiting() ?? most
      most.bytes = Math.max(most.bytes, bytes)
      most.seconds = Math.max(most.seconds, seconds)
    }
    return most
  }

  streamsFor(wanted: Wanted): number[] {
    return this.#for(wanted).map(({ number }) => number)
  }

  announce(link: Receiver, wanted: Wanted): void {
    // Flush first: the samples collected so far belong to the existing links. A new link starts with the history, or
    // with the next sample.
    if (this.isOpen) for (const { writer } of this.#live.values()) writer.flush()
    const { name, terms } = this.#options
    const streams = this.#for(wanted).map((stream) => ({ stream, past: this.#past(stream, wanted) }))
    const tracks = streams.map(({ stream, past }) => announced(stream, past))
    const info: PublicationInfo = { name, media: this.mediaStream?.id, delivery: terms.announced, tracks }
    for (const message of announce(this.number, info)) link.send(message)
    for (const { stream, past } of streams) {
      const { number, writer, history, ended } = stream
      history?.replay(link, number, past, writer.description)
      if (ended && !this.#over) link.sendTo(number, encodeControl(['untrack', number, writer.samples]))
    }
    if (!this.#over) return
    const ends = streams.map(({ stream }): [number, number] => [stream.number, stream.writer.samples])
    const numbers = ends.map(([number]) => number)
    link.sendAfter(numbers, encodeControl(['unpublish', this.number, ends]))
  }

  leave(link: Receiver): void {
    for (const { number, history } of this.#live.values()) history?.leave(link, link.waiting(number))
  }

  return(link: Receiver): void {
    for (const { history } of this.#live.values()) history?.return(link)
  }

  /** Removes ended streams, because no receiver will request them. */
  forget(): void {
    for (const { history } of this.#ended.values()) history?.clear()
    this.#ended.clear()
  }

  fail(error: Error): void {
    this.#options.fail(error)
  }

  /** Returns the live streams, and ended streams that the receiver does not have completely. */
  #for({ since, resume }: Wanted): OutgoingStream[] {
    const isLacking = ({ number, history }: OutgoingStream) =>
      resume?.next.has(number) || (!resume?.ended.has(number) && (history?.from({ since }).length ?? 0) > 0)
    const ended = resume === undefined ? [] : [...this.#ended.values()].filter(isLacking)
    return [...ended, ...this.#live.values()]
  }

  #past({ number, history, next: now }: OutgoingStream, wanted: Wanted): PastChunk[] {
    const next = wanted.resume?.next.get(number)
    if (history === undefined) return []
    if (next === undefined) return history.from({ since: wanted.since })
    const past = history.from({ next })
    const missing = (past[0]?.first ?? now) - next
    // The receiver was away too long. The loss counts as one chunk, because the number of lost chunks is unknown.
    if (missing > 0) {
      const { dropped } = this.#options.terms
      dropped.samples += missing
      dropped.chunks++
    }
    return past
  }
}

/** @param past chunks to send again. Their first description announces the stream. */
export function announced({ number, writer, history, next }: OutgoingStream, [first]: PastChunk[]): AnnouncedStream {
  const description = first?.description ?? writer.description
  return history === undefined ? [number, description] : [number, description, first?.first ?? next]
}
