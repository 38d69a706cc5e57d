import type { StreamDescription } from '../../streams/mod.ts'
import type { Receiver, Waiting } from '../link/mod.ts'
import { announce, encodeControl, type PublicationInfo, type Terms } from '../wire/mod.ts'
import type { Announced, Wanted } from './announced.ts'
import { IN_FLIGHT } from './history.ts'
import type { Outbox } from './outbox.ts'
import type { OutgoingMedia } from './outgoing-media.ts'
import { OutgoingStream, type StreamOwner } from './outgoing-stream.ts'

/** Most ended streams of a live publication that stay known to receivers that were away. */
const MAX_ENDED_STREAMS = 64

export interface OutgoingStreamsOptions extends Pick<StreamOwner, 'terms' | 'outbox' | 'counts' | 'fail'> {
  number: number
  name: string
  media: OutgoingMedia
}

/** The streams of a publication, and what it announces to new and returning receivers. */
export class OutgoingStreams implements Announced, StreamOwner {
  readonly number: number
  readonly terms: Terms
  readonly outbox: Outbox
  readonly counts: StreamOwner['counts']
  readonly fail: (error: Error) => void
  readonly #name: string
  readonly #media: OutgoingMedia
  readonly #live = new Map<number, OutgoingStream>()
  readonly #ended = new Map<number, OutgoingStream>()
  #state: 'new' | 'open' | 'over' = 'new'

  constructor({ number, name, media, terms, outbox, counts, fail }: OutgoingStreamsOptions) {
    this.number = number
    this.terms = terms
    this.outbox = outbox
    this.counts = counts
    this.fail = fail
    this.#name = name
    this.#media = media
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Announces the publication to every link, once. */
  open(): void {
    if (this.#state !== 'new') return
    this.outbox.add(this)
    this.#state = 'open'
    for (const link of this.outbox.links) this.addMediaTo(link)
  }

  /** Ends the publication. The outbox keeps its end for receivers that are away. */
  close(): void {
    const { isOpen } = this
    this.#state = 'over'
    if (!isOpen) return
    for (const track of this.#media.tracks) this.#media.removeFromAll(track)
    const ends = [...this.#live.values()].map(({ number, writer }): [number, number] => [number, writer.samples])
    this.#sendUnpublish(this.outbox.links, ends)
    for (const stream of [...this.#live.values()]) this.#end(stream)
    this.outbox.remove(this)
  }

  /** @param infer whether the first value decides the format */
  add(description: StreamDescription, infer: boolean): OutgoingStream {
    const stream = new OutgoingStream(this, description, infer)
    this.#live.set(stream.number, stream)
    if (!this.isOpen) return stream
    const bytes = encodeControl(['track', this.number, ...stream.announcement()])
    for (const link of this.outbox.links) link.send(bytes)
    return stream
  }

  /** Ends one stream. Receivers that are away can still receive its end, as long as the stream is kept. */
  remove(stream: OutgoingStream): void {
    stream.writer.flush()
    this.#end(stream)
    stream.sendEnd()
  }

  get endedBytes(): number {
    let bytes = 0
    for (const { history } of this.#ended.values()) bytes += history?.bytes ?? 0
    return bytes
  }

  /** Returns the most that waits for any receiver, connected or away. */
  waiting(): Waiting {
    const most = { bytes: 0, seconds: 0 }
    const count = ({ bytes, seconds }: Waiting): void => {
      most.bytes = Math.max(most.bytes, bytes)
      most.seconds = Math.max(most.seconds, seconds)
    }
    for (const { number, history } of this.#live.values()) {
      for (const link of this.outbox.links) count(link.waiting(number))
      if (history !== undefined) count(history.waiting())
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
    const streams = this.#for(wanted).map((stream) => ({ stream, past: stream.past(wanted) }))
    const tracks = streams.map(({ stream, past }) => stream.announcement(past))
    const { announced: delivery } = this.terms
    const info: PublicationInfo = { name: this.#name, media: this.#media.stream?.id, delivery, tracks }
    for (const message of announce(this.number, info)) link.send(message)
    const isOver = this.#state === 'over'
    for (const { stream, past } of streams) {
      stream.replay(link, past)
      if (stream.ended && !isOver) link.sendTo(stream.number, encodeControl(stream.untrack))
    }
    if (!isOver) return
    this.#sendUnpublish(
      [link],
      streams.map(({ stream }) => [stream.number, stream.writer.samples]),
    )
  }

  addMediaTo(link: Receiver): void {
    this.#media.addTo(link)
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

  #end(stream: OutgoingStream): void {
    const { outbox, terms } = this
    stream.ended = true
    this.#live.delete(stream.number)
    if (!outbox.hasReceivers) {
      stream.history?.clear()
      return
    }
    this.#ended.set(stream.number, stream)
    outbox.after(terms.buffer.seconds, () => stream.history?.clear())
    if (this.#state === 'over') return
    const { bytes } = terms.buffer
    for (const oldest of this.#ended.values()) {
      if (this.#ended.size <= MAX_ENDED_STREAMS && this.endedBytes <= bytes + IN_FLIGHT.bytes) return
      oldest.history?.clear()
      this.#ended.delete(oldest.number)
    }
  }

  /** Sends the end of the publication after everything that these streams have queued. */
  #sendUnpublish(links: Iterable<Receiver>, ends: [stream: number, samples: number][]): void {
    const numbers = ends.map(([number]) => number)
    const bytes = encodeControl(['unpublish', this.number, ends])
    for (const link of links) link.sendAfter(numbers, bytes)
  }

  /** Returns the live streams, and ended streams that the receiver does not have completely. */
  #for({ since, resume }: Wanted): OutgoingStream[] {
    const isLacking = ({ number, history }: OutgoingStream) =>
      resume?.next.has(number) || (!resume?.ended.has(number) && (history?.from({ since }).length ?? 0) > 0)
    const ended = resume === undefined ? [] : [...this.#ended.values()].filter(isLacking)
    return [...ended, ...this.#live.values()]
  }
}
