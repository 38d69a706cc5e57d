import {
  type ChunkHeader,
  createStreamClock,
  now,
  type RemoteClock,
  readChunk,
  type StreamClock,
  type StreamDescription,
  StreamError,
  unpackChunk,
} from '../streams/mod.ts'
import { type Control, isControl, type PublicationInfo, readControl } from './control.ts'
import { layoutMark, readMark } from './layout-mark.ts'
import { RemoteStream, type RemoteStreamStats } from './remote-stream.ts'
import { RemoteTrack } from './remote-track.ts'

/** Most publications, and most streams in all of them, that one peer may have. */
export const MAX_PUBLICATIONS = 256
export const MAX_STREAMS = 4_096
/** Most channels of all its streams together: each is a track. */
export const MAX_CHANNELS = 16_384
/** MediaStreams that came before the publication they belong to. */
const MAX_EARLY_MEDIA = 64

interface Entry {
  description: StreamDescription
  /** One for each channel. */
  tracks: RemoteTrack[]
  /** Reads its timestamps. */
  times: StreamClock
  stream: RemoteStream
  publication: number
  /** The number of the sample that should come next; undefined before the first. */
  next: number | undefined
}

export interface InboxEvents {
  /** The peer wants what is published, and the last so many seconds of it. */
  want(history: number): void
  stream(stream: RemoteStream): void
  streamend(stream: RemoteStream): void
}

/** Makes streams and samples of one peer's messages, and believes none of them. */
export class Inbox {
  readonly streams: Map<string, RemoteStream> = new Map()
  /** Messages about streams that are not there, or in words of a later version. */
  ignored = 0
  readonly #events: InboxEvents
  readonly #clock: RemoteClock
  readonly #publications = new Map<number, { stream: RemoteStream; media: string | undefined }>()
  readonly #entries = new Map<number, Entry>()
  readonly #ended: RemoteStreamStats = { samples: 0, chunks: 0, bytes: 0, missed: 0, gaps: 0, late: 0 }
  #wanted = false
  #channels = 0
  readonly #media = new Map<string, { track: MediaStreamTrack; stream: MediaStream }[]>()

  /** @param clock the peer's */
  constructor(events: InboxEvents, clock: RemoteClock) {
    this.#events = events
    this.#clock = clock
  }

  /** @throws StreamError for a message that breaks the rules: the link is then not worth keeping */
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
   * Takes what came on the channel that neither orders nor repeats: chunks alone, of streams that are not reliable.
   *
   * @throws StreamError as `receive` does
   */
  receiveUnordered(data: Uint8Array): void {
    const marked = readMark(data)
    if (marked === undefined) throw new StreamError('bad-chunk', 'Cannot take anything but a marked chunk here')
    const header = readChunk(marked.chunk)
    const entry = this.#entries.get(header.stream)
    // It may have overtaken the control that starts the stream, or changes what its chunks are.
    if (entry === undefined || entry.stream.delivery === 'reliable') this.ignored++
    else if (layoutMark(entry.description) !== marked.mark) this.ignored++
    else if (header.first < (entry.next ?? 0)) entry.stream.countLate(header.samples)
    else this.#deliver(entry, header)
  }

  addMedia(track: MediaStreamTrack, stream: MediaStream): void {
    for (const publication of this.#publications.values()) {
      if (publication.media !== stream.id) continue
      publication.stream.addMedia(track, stream)
      return
    }
    const early = this.#media.get(stream.id) ?? []
    if (early.length >= MAX_EARLY_MEDIA || this.#media.size >= MAX_EARLY_MEDIA) this.ignored++
    else this.#media.set(stream.id, [...early, { track, stream }])
  }

  /** Of all streams that there are and were. */
  stats(): RemoteStreamStats {
    const sum = { ...this.#ended }
    for (const stream of this.streams.values()) addTo(sum, stream.stats())
    return sum
  }

  /** Ends every stream. */
  close(): void {
    for (const publication of [...this.#publications.keys()]) this.#unpublish(publication)
    this.#media.clear()
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
    this.#deliver(entry, header)
  }

  #deliver(entry: Entry, header: ChunkHeader): void {
    const { description, tracks, times, stream, next = header.first } = entry
    const samples = unpackChunk(header, description)
    const missed = header.first - next
    entry.next = header.first + header.samples
    for (const track of tracks) track.samples += header.samples
    stream.countChunk(header.samples, header.payload.length)
    if (missed > 0) stream.miss(tracks, next, missed)
    stream.deliver(tracks, samples, times(samples, now()), missed)
  }

  #control(control: Control): void {
    if (control[0] === 'want') this.#want(control[1].history)
    else if (control[0] === 'publish') this.#publish(control[1], control[2])
    else if (control[0] === 'track') this.#track(control[1], control[2], control[3])
    else if (control[0] === 'describe') this.#describe(control[1], control[2])
    else if (control[0] === 'untrack') this.#untrack(control[1], control[2])
    else this.#unpublish(control[1], control[2])
  }

  #want(history: number): void {
    if (this.#wanted) this.ignored++
    else this.#events.want(history)
    this.#wanted = true
  }

  #publish(number: number, info: PublicationInfo): void {
    if (this.#publications.has(number)) throw bad(`publication ${number} is there already`)
    if (this.#publications.size >= MAX_PUBLICATIONS) throw bad(`there are ${MAX_PUBLICATIONS} publications`)
    const { name, media, delivery, tracks } = info
    const stream = new RemoteStream(String(number), name, delivery)
    this.#publications.set(number, { stream, media })
    this.streams.set(stream.id, stream)
    for (const [track, description] of tracks) this.#track(number, track, description, true)
    const early = (media !== undefined && this.#media.get(media)) || []
    if (media !== undefined) this.#media.delete(media)
    for (const { track, stream: mediaStream } of early) stream.addMedia(track, mediaStream)
    this.#events.stream(stream)
  }

  #describe(number: number, description: StreamDescription): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) {
      this.ignored++
      return
    }
    const { tracks, stream, description: before } = entry
    entry.description = description
    // What else changes has no part in time, and the line through the stamps goes on.
    if (timing.some((field) => description[field] !== before[field])) {
      entry.times = createStreamClock(description, this.#clock)
    }
    if (description.channels.length === tracks.length) {
      stream.describe(tracks, description)
      return
    }
    if (entry.next !== undefined) throw bad(`stream ${number} has samples of ${tracks.length} channels`)
    this.#makeRoom(description.channels.length - tracks.length)
    entry.tracks = tracksOf(number, description)
    stream.remove(tracks)
    stream.add(entry.tracks)
  }

  #track(publication: number, number: number, description: StreamDescription, silent = false): void {
    const stream = this.#publications.get(publication)?.stream
    if (stream === undefined) {
      this.ignored++
      return
    }
    if (this.#entries.has(number)) throw bad(`stream ${number} is there already`)
    if (this.#entries.size >= MAX_STREAMS) throw bad(`there are ${MAX_STREAMS} streams`)
    this.#makeRoom(description.channels.length)
    const tracks = tracksOf(number, description)
    const times = createStreamClock(description, this.#clock)
    this.#entries.set(number, { description, tracks, times, stream, publication, next: undefined })
    stream.add(tracks, silent)
  }

  #untrack(number: number, samples: number): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) {
      this.ignored++
      return
    }
    this.#remove(number, entry)
    missEnd(entry, samples)
    entry.stream.remove(entry.tracks)
  }

  #makeRoom(channels: number): void {
    if (this.#channels + channels > MAX_CHANNELS) throw bad(`there are ${MAX_CHANNELS} channels`)
    this.#channels += channels
  }

  #remove(number: number, { tracks }: Entry): void {
    this.#entries.delete(number)
    this.#channels -= tracks.length
  }

  #unpublish(number: number, samples: [stream: number, samples: number][] = []): void {
    const publication = this.#publications.get(number)
    if (publication === undefined) {
      this.ignored++
      return
    }
    const { stream } = publication
    for (const [key, count] of samples) {
      const entry = this.#entries.get(key)
      if (entry?.publication === number) missEnd(entry, count)
    }
    this.#publications.delete(number)
    this.streams.delete(stream.id)
    addTo(this.#ended, stream.stats())
    for (const [key, entry] of this.#entries) if (entry.publication === number) this.#remove(key, entry)
    stream.end()
    this.#events.streamend(stream)
  }
}

/** Counts what lies between the newest chunk and the stream's end. */
function missEnd({ tracks, stream, next }: Entry, samples: number): void {
  if (next !== undefined && samples > next) stream.miss(tracks, next, samples - next)
}

function addTo(sum: RemoteStreamStats, more: RemoteStreamStats): void {
  for (const key of Object.keys(sum) as (keyof RemoteStreamStats)[]) sum[key] += more[key]
}

/** What a stream's times depend on. */
const timing = ['nominalRate', 'timeUnit', 'dejitter'] as const

const bad = (why: string): StreamError => new StreamError('bad-control', `Cannot take the control as ${why}`)

/** One for each channel; the first has the stream's number for its id. */
const tracksOf = (number: number, description: StreamDescription): RemoteTrack[] =>
  description.channels.map((_, i) => new RemoteTrack(i === 0 ? String(number) : `${number}.${i}`, description, i))
