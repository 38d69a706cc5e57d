import type { StreamWriter } from '../../streams/mod.ts'
import type { Receiver, Waiting } from '../link/mod.ts'
import { type AnnouncedStream, announce, encodeControl, type PublicationInfo, type Terms } from '../wire/mod.ts'
import { History, IN_FLIGHT, type PastChunk } from './history.ts'
import type { Announced, Outbox, Wanted } from './outbox.ts'

/** One stream of a publication, and what is kept of it: undefined where nothing is, as it is not reliable. */
export interface OutgoingStream {
  readonly number: number
  readonly writer: StreamWriter
  readonly history: History | undefined
  /** The number of the next sample that goes out. */
  next: number
  ended: boolean
}

/** Streams of one publication that are over and still known to those who were away. */
const MAX_ENDED_STREAMS = 64

export interface OutgoingStreamsOptions {
  number: number
  name: string
  terms: Terms
  outbox: Outbox
  mediaStream: MediaStream | undefined
  fail(error: Error): void
}

/** The streams of a publication, and all that somebody who comes, or comes back, is told of them. */
export class OutgoingStreams implements Announced {
  readonly number: number
  readonly mediaStream: MediaStream | undefined
  /** Whether the others were told. */
  isOpen = false
  readonly #options: OutgoingStreamsOptions
  readonly #live = new Map<number, OutgoingStream>()
  readonly #ended = new Map<number, OutgoingStream>()
  /** Whether the publication is over. */
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
    const history = terms.delivery === 'reliable' ? new History(terms) : undefined
    for (const link of outbox.away) history?.leave(link, { bytes: 0, seconds: 0 })
    const stream = { number, writer, history, next: 0, ended: false }
    this.#live.set(number, stream)
    return stream
  }

  /** It is over; those who were away hear its end as long as it is kept. */
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

  /** All of it is over. */
  endAll(): void {
    this.#over = true
    for (const stream of [...this.#live.values()]) this.end(stream)
  }

  get endedBytes(): number {
    let bytes = 0
    for (const { history } of this.#ended.values()) bytes += history?.bytes ?? 0
    return bytes
  }

  /** How many samples each stream had that nobody was told the end of yet. */
  get ends(): [stream: number, samples: number][] {
    return [...this.#live.values()].map(({ number, writer }) => [number, writer.samples])
  }

  /** What waits for those who are away. */
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
    // What is gathered belongs to the links that are there already: a new one starts with what is in the history, or
    // with the next sample.
    if (this.isOpen) for (const { writer } of this.#live.values()) writer.flush()
    const { name, terms } = this.#options
    const { delivery: chosen } = terms
    const delivery = chosen === 'reliable' ? undefined : chosen === 'latest' ? chosen : 'deadline'
    const streams = this.#for(wanted).map((stream) => ({ stream, past: this.#past(stream, wanted) }))
    const tracks = streams.map(({ stream, past }) => announced(stream, past))
    const info: PublicationInfo = { name, media: this.mediaStream?.id, delivery, tracks }
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

  /** Nobody will ask for what is over. */
  forget(): void {
    for (const { history } of this.#ended.values()) history?.clear()
    this.#ended.clear()
  }

  fail(error: Error): void {
    this.#options.fail(error)
  }

  /** Those that there are, and those that are over of which somebody has not heard all. */
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
    // Whoever was away for too long: it counts as one chunk, as it is not known any more how many there were.
    if (missing > 0) {
      const { dropped } = this.#options.terms
      dropped.samples += missing
      dropped.chunks++
    }
    return past
  }
}

/** @param past what is sent again: it is described as it was when the first of it was made */
export function announced({ number, writer, history, next }: OutgoingStream, [first]: PastChunk[]): AnnouncedStream {
  const description = first?.description ?? writer.description
  return history === undefined ? [number, description] : [number, description, first?.first ?? next]
}
