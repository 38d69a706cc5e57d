import type { AnnouncedStream, PublicationInfo } from '../wire/mod.ts'
import { badControl, type Decoder } from './decoder.ts'
import { EarlyMedia } from './early-media.ts'
import type { InboxEvents, IncomingPublication } from './inbox-events.ts'
import { freeId, type IncomingStream } from './incoming-stream.ts'
import { addStats, ReceivedStream } from './received-stream.ts'
import type { RemoteStreamStats } from './remote-stream.ts'

/** Most publications of one peer. */
export const MAX_PUBLICATIONS = 256

/** The publications of one peer. Methods that return false found nothing under this number. */
export class IncomingPublications {
  readonly streams: Map<string, ReceivedStream> = new Map()
  readonly #decoder: Decoder
  readonly #events: () => InboxEvents
  readonly #publications = new Map<number, IncomingPublication>()
  readonly #media = new EarlyMedia()
  /** Counts of ended publications. */
  readonly #stats: RemoteStreamStats = { samples: 0, chunks: 0, bytes: 0, missed: 0, gaps: 0, late: 0 }

  /** @param events returns the callbacks of the inbox, which can change */
  constructor(decoder: Decoder, events: () => InboxEvents) {
    this.#decoder = decoder
    this.#events = events
  }

  get numbers(): number[] {
    return [...this.#publications.keys()]
  }

  get(number: number): IncomingPublication | undefined {
    return this.#publications.get(number)
  }

  has(number: number): boolean {
    return this.#publications.has(number)
  }

  /** @throws StreamError `bad-control` if there is no room for it, or if the number is taken; as `Decoder.count` does */
  publish(number: number, info: PublicationInfo): void {
    if (this.#publications.has(number)) throw badControl(`publication ${number} is there already`)
    if (this.#publications.size >= MAX_PUBLICATIONS) throw badControl(`there are ${MAX_PUBLICATIONS} publications`)
    this.#decoder.count()
    const events = this.#events()
    const before = events.departed(info)
    const { name, media, delivery, tracks } = info
    const stream = before?.stream ?? new ReceivedStream(freeId(number, this.streams), name, delivery)
    this.#publications.set(number, { stream, media, streams: new Map() })
    this.streams.set(stream.id, stream)
    const olds = [...(before?.streams.values() ?? [])]
    // Add the tracks before the event, so that its listeners find them.
    for (const track of tracks) this.addTrack(number, track, olds.shift(), true)
    for (const { track, stream: mediaStream } of this.#media.take(media)) stream.addMedia(track, mediaStream)
    if (before === undefined) events.stream(stream)
    else events.resumed(stream)
  }

  /**
   * @param old the departed stream that continues as this one
   * @param silent whether `addtrack` is not emitted
   */
  addTrack(number: number, track: AnnouncedStream, old?: IncomingStream, silent = false): boolean {
    const publication = this.#publications.get(number)
    if (publication === undefined) return false
    const { stream, streams } = publication
    const entry = this.#decoder.add(stream, track, old)
    streams.set(track[0], entry)
    if (old === undefined) stream.add(entry.tracks, silent)
    return true
  }

  /** @param samples how many samples the stream had in all */
  untrack(number: number, samples: number): boolean {
    const entry = this.#decoder.get(number)
    if (entry === undefined) return false
    this.#decoder.remove(number)
    for (const { streams } of this.#publications.values()) streams.delete(number)
    entry.end(samples)
    entry.stream.remove(entry.tracks)
    return true
  }

  /** @param samples how many samples each of the remaining streams had in all */
  unpublish(number: number, samples: [stream: number, samples: number][] = []): boolean {
    const publication = this.#publications.get(number)
    if (publication === undefined) return false
    const { stream, streams } = publication
    for (const [key, count] of samples) streams.get(key)?.end(count)
    this.#remove(number, publication)
    addStats(this.#stats, stream.stats())
    stream.end()
    this.#events().streamend(stream)
    return true
  }

  /** @returns false if too many tracks wait for their publication */
  addMedia(track: MediaStreamTrack, stream: MediaStream): boolean {
    for (const publication of this.#publications.values()) {
      if (publication.media !== stream.id) continue
      publication.stream.addMedia(track, stream)
      return true
    }
    return this.#media.add({ track, stream })
  }

  /** Forgets media that wait for their publication. */
  clearMedia(): void {
    this.#media.clear()
  }

  /** Ends every publication, except those for which `lingers` returns true. */
  close(lingers: (publication: IncomingPublication) => boolean): void {
    for (const [number, publication] of this.#publications) if (!lingers(publication)) this.unpublish(number)
    this.#media.clear()
  }

  /** The publications continue over another link. */
  recovered(): void {
    for (const { stream } of this.#publications.values()) stream.dispatchEvent(new Event('recovered'))
  }

  /** Returns the counts of all publications, live and ended. */
  stats(): RemoteStreamStats {
    const sum = { ...this.#stats }
    for (const stream of this.streams.values()) addStats(sum, stream.stats())
    return sum
  }

  /** Removes and returns a publication that continues elsewhere, without ending its streams. */
  take(matches: (publication: IncomingPublication) => boolean): IncomingPublication | undefined {
    for (const [number, publication] of this.#publications) {
      if (!matches(publication)) continue
      this.#remove(number, publication)
      return publication
    }
    return undefined
  }

  #remove(number: number, { stream, streams }: IncomingPublication): void {
    this.#publications.delete(number)
    this.streams.delete(stream.id)
    for (const key of streams.keys()) this.#decoder.remove(key)
  }
}
