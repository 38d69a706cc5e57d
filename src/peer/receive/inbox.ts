import { type RemoteClock, readChunk, type StreamDescription, StreamError } from '../../streams/mod.ts'
import {
  type AnnouncedStream,
  type Control,
  isControl,
  layoutHash,
  type PublicationInfo,
  readControl,
  readMark,
  type Want,
} from '../wire/mod.ts'
import { EarlyMedia } from './early-media.ts'
import type { InboxEvents, IncomingPublication } from './inbox-events.ts'
import { freeId, IncomingStream } from './incoming-stream.ts'
import { addStats, RemoteStream, type RemoteStreamStats } from './remote-stream.ts'
import { StreamTable } from './stream-table.ts'

/** Most publications of one peer. */
export const MAX_PUBLICATIONS = 256

/** Numbers of publications and streams that continue, and that the new link has not announced yet. */
interface Known {
  publications: Set<number>
  streams: Set<number>
}

/**
 * Turns one peer's messages into streams and samples. It validates every message, and outlives the links that carry
 * them.
 */
export class Inbox {
  readonly streams: Map<string, RemoteStream> = new Map()
  /** Messages about unknown streams, or of a later protocol version. */
  ignored = 0
  events: InboxEvents
  readonly #clock: RemoteClock
  readonly #publications = new Map<number, IncomingPublication>()
  readonly #entries: StreamTable
  readonly #stats: RemoteStreamStats = { samples: 0, chunks: 0, bytes: 0, missed: 0, gaps: 0, late: 0 }
  #links = 0
  #wanted = false
  /**
   * What continues over a new link that has not announced it yet. `undecided` until the publisher says what continues.
   */
  #again: Known | 'undecided' | undefined
  readonly #media = new EarlyMedia()

  /** @param maxKnown most streams and publications of the peer, including those that have ended */
  constructor(events: InboxEvents, clock: RemoteClock, maxKnown: number = Number.POSITIVE_INFINITY) {
    this.events = events
    this.#clock = clock
    this.#entries = new StreamTable(maxKnown)
  }

  /**
   * Takes a message of the ordered channel.
   *
   * @throws StreamError if the message breaks the protocol; the caller should then close the link
   */
  receive(data: Uint8Array | string): void {
    if (typeof data === 'string') throw new StreamError('bad-control', 'Cannot take text on a data channel')
    if (!isControl(data)) this.#chunk(data)
    else {
      const control = readControl(data)
      if (control === undefined) this.ignored++
      else this.#control(control)
    }
  }

  /**
   * Takes a message of the channel that neither orders nor repeats. It carries only chunks, of streams that are not
   * reliable.
   *
   * @throws StreamError as `receive` does
   */
  receiveUnordered(data: Uint8Array): void {
    const marked = readMark(data)
    if (marked === undefined) throw new StreamError('bad-chunk', 'Cannot take anything but a marked chunk here')
    const header = readChunk(marked.chunk)
    const entry = this.#entries.get(header.stream)
    // The chunk may have overtaken the control that starts its stream or changes its layout.
    if (entry === undefined || entry.stream.delivery === 'reliable') this.ignored++
    else if (layoutHash(entry.description) !== marked.mark) this.ignored++
    else if (header.first < (entry.next ?? 0)) entry.stream.countLate(header.samples)
    else entry.deliver(header)
  }

  addMedia(track: MediaStreamTrack, stream: MediaStream): void {
    for (const publication of this.#publications.values()) {
      if (publication.media !== stream.id) continue
      publication.stream.addMedia(track, stream)
      return
    }
    if (!this.#media.add({ track, stream })) this.ignored++
  }

  /**
   * Prepares for a new link.
   *
   * @param history seconds of the past to request of unknown streams
   * @returns the request to send on the link
   */
  relink(history: number): Want {
    if (this.#links++ === 0) return { history }
    this.#again = 'undecided'
    const resume: [number, number][] = []
    for (const [number, entry] of this.#entries.entries) {
      entry.relinked()
      if (entry.next !== undefined) resume.push([number, entry.next])
    }
    return { history, resume, ended: this.#entries.over }
  }

  /** The link is gone. The next one sends its own `want` and its own media. */
  unlink(): void {
    this.#wanted = false
    this.#media.clear()
  }

  /** Returns the counts of all streams, live and ended. */
  stats(): RemoteStreamStats {
    const sum = { ...this.#stats }
    for (const stream of this.streams.values()) addStats(sum, stream.stats())
    return sum
  }

  /** Ends every stream, except those of publications for which `lingers` returns true. */
  close(lingers: (publication: IncomingPublication) => boolean = () => false): void {
    for (const [number, publication] of this.#publications) if (!lingers(publication)) this.#unpublish(number)
    this.#media.clear()
  }

  /** Removes and returns a publication that continues elsewhere, without ending its streams. */
  take(matches: (publication: IncomingPublication) => boolean): IncomingPublication | undefined {
    for (const [number, publication] of this.#publications) {
      if (!matches(publication)) continue
      this.#publications.delete(number)
      this.streams.delete(publication.stream.id)
      for (const key of publication.streams.keys()) this.#entries.remove(key)
      return publication
    }
    return undefined
  }

  #chunk(bytes: Uint8Array): void {
    const header = readChunk(bytes)
    const entry = this.#entries.get(header.stream)
    if (entry === undefined) {
      this.ignored++
      return
    }
    const { next = 0 } = entry
    if (header.first < next) throw new StreamError('bad-chunk', `Cannot take sample ${header.first} behind ${next - 1}`)
    entry.deliver(header)
  }

  #control(control: Control): void {
    if (control[0] === 'want') this.#want(control[1])
    else if (control[0] === 'resume') this.#resume(control[1], control[2])
    else if (control[0] === 'moved') this.events.moved(control[1])
    else if (control[0] === 'publish') this.#publish(control[1], control[2])
    else if (control[0] === 'track') this.#track(control[1], control.slice(2) as unknown as AnnouncedStream)
    else if (control[0] === 'describe') this.#describe(control[1], control[2])
    else if (control[0] === 'untrack') this.#untrack(control[1], control[2])
    else if (control[0] === 'received') this.events.received(control[1])
    else {
      this.#unpublish(control[1], control[2])
      this.events.taken(control[1])
    }
  }

  #want(want: Want): void {
    if (this.#wanted) this.ignored++
    else this.events.want(want)
    this.#wanted = true
  }

  /** Ends what the publisher no longer knows. The publisher announces the rest again. */
  #resume(publications: readonly number[], streams: readonly number[]): void {
    if (this.#again !== 'undecided') {
      this.ignored++
      return
    }
    const kept = { publications: new Set(publications), streams: new Set(streams) }
    for (const number of this.#publications.keys()) if (!kept.publications.has(number)) this.#unpublish(number)
    for (const [number] of this.#entries.entries) if (!kept.streams.has(number)) this.#untrack(number, 0)
    const known = (numbers: Set<number>, map: { has(number: number): boolean }) =>
      new Set([...numbers].filter((number) => map.has(number)))
    this.#again = {
      publications: known(kept.publications, this.#publications),
      streams: known(kept.streams, this.#entries),
    }
    for (const { stream } of this.#publications.values()) stream.dispatchEvent(new Event('recovered'))
  }

  #publish(number: number, info: PublicationInfo): void {
    if (this.#known()?.publications.delete(number)) {
      for (const track of info.tracks) this.#track(number, track)
      return
    }
    if (this.#publications.has(number)) throw bad(`publication ${number} is there already`)
    if (this.#publications.size >= MAX_PUBLICATIONS) throw bad(`there are ${MAX_PUBLICATIONS} publications`)
    this.#entries.count()
    const before = this.events.departed(info)
    const { name, media, delivery, tracks } = info
    const stream = before?.stream ?? new RemoteStream(freeId(number, this.streams), name, delivery)
    this.#publications.set(number, { stream, media, streams: new Map() })
    this.streams.set(stream.id, stream)
    const olds = [...(before?.streams.values() ?? [])]
    // Add the tracks before the event, so that its listeners find them.
    for (const track of tracks) this.#addTrack(number, track, olds.shift(), true)
    for (const { track, stream: mediaStream } of this.#media.take(media)) stream.addMedia(track, mediaStream)
    if (before === undefined) this.events.stream(stream)
    else this.events.resumed(stream)
  }

  #describe(number: number, description: StreamDescription): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) this.ignored++
    else this.#redescribe(number, entry, description)
  }

  #redescribe(number: number, entry: IncomingStream, description: StreamDescription): void {
    const { tracks, stream } = entry
    const isAnother = description.channels.length !== tracks.length
    if (isAnother && entry.hasSamples) throw bad(`stream ${number} has samples of ${tracks.length} channels`)
    entry.describe(description, this.#clock)
    if (!isAnother) return
    this.#entries.retrack(number, entry, description)
    stream.remove(tracks)
    stream.add(entry.tracks)
  }

  #track(publication: number, track: AnnouncedStream): void {
    const [number, description] = track
    const again = this.#known()?.streams
    const entry = this.#publications.get(publication)?.streams.get(number)
    if (entry !== undefined && again?.delete(number)) this.#redescribe(number, entry, description)
    else this.#addTrack(publication, track)
  }

  /**
   * Returns what continues from the link before.
   *
   * A publisher that announces something before its `resume` starts anew: then everything from before ends.
   */
  #known(): Known | undefined {
    if (this.#again === 'undecided') this.#resume([], [])
    return this.#again as Known | undefined
  }

  /** @param old the departed stream that continues as this one */
  #addTrack(number: number, [key, description, from]: AnnouncedStream, old?: IncomingStream, silent = false): void {
    const publication = this.#publications.get(number)
    if (publication === undefined) {
      this.ignored++
      return
    }
    this.#entries.check(key, description.channels.length)
    const { stream } = publication
    const tracks = old?.tracks ?? this.#entries.tracksFor(key, description)
    const entry = old ?? new IncomingStream(stream, description, tracks, from, this.#clock)
    old?.restarted(description, from, this.#clock)
    this.#entries.add(key, entry)
    publication.streams.set(key, entry)
    if (old === undefined) stream.add(tracks, silent)
  }

  #untrack(number: number, samples: number): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) {
      this.ignored++
      return
    }
    this.#entries.remove(number)
    for (const { streams } of this.#publications.values()) streams.delete(number)
    entry.end(samples)
    entry.stream.remove(entry.tracks)
  }

  #unpublish(number: number, samples: [stream: number, samples: number][] = []): void {
    const publication = this.#publications.get(number)
    if (publication === undefined) {
      this.ignored++
      return
    }
    const { stream, streams } = publication
    for (const [key, count] of samples) streams.get(key)?.end(count)
    this.#publications.delete(number)
    this.streams.delete(stream.id)
    addStats(this.#stats, stream.stats())
    for (const key of streams.keys()) this.#entries.remove(key)
    stream.end()
    this.events.streamend(stream)
  }
}

const bad = (why: string): StreamError => new StreamError('bad-control', `Cannot accept the control: ${why}`)
