import { type RemoteClock, readChunk, type StreamDescription, StreamError } from '../../streams/mod.ts'
import { type AnnouncedStream, layoutHash, MAX_WANTED_STREAMS, readMark } from '../wire/mod.ts'
import { freeId, IncomingStream, tracksOf } from './incoming-stream.ts'
import type { ReceivedStream } from './received-stream.ts'
import type { ReceivedTrack } from './received-track.ts'

/** Most streams of one peer. */
export const MAX_STREAMS = 4_096
/** Most streams and publications of one peer, including those that have ended. */
export const MAX_KNOWN_STREAMS = 65_536
/** Most channels of all streams of one peer together. Each channel is a track. */
export const MAX_CHANNELS = 16_384

/**
 * Decodes the chunks of one peer: it has the peer's streams by number, within limits, and the peer's clock. It also
 * keeps the numbers of the newest ended streams.
 */
export class Decoder {
  readonly #clock: RemoteClock
  readonly #streams = new Map<number, IncomingStream>()
  readonly #over = new Set<number>()
  readonly #maxKnown: number
  #known = 0
  #channels = 0

  /**
   * @param clock the peer's clock
   * @param maxKnown most streams and publications, including those that have ended
   */
  constructor(clock: RemoteClock, maxKnown: number) {
    this.#clock = clock
    this.#maxKnown = maxKnown
  }

  /**
   * Delivers a chunk of the ordered channel.
   *
   * @returns false if its stream is unknown
   * @throws StreamError `bad-chunk` if the chunk is invalid, or repeats samples
   */
  decode(bytes: Uint8Array): boolean {
    const header = readChunk(bytes)
    const stream = this.#streams.get(header.stream)
    if (stream === undefined) return false
    const { next = 0 } = stream
    if (header.first < next) throw new StreamError('bad-chunk', `Cannot take sample ${header.first} behind ${next - 1}`)
    stream.deliver(header)
    return true
  }

  /**
   * Delivers a chunk of the channel that neither orders nor repeats. A chunk behind a newer one only counts as late.
   *
   * @returns false if the chunk fits no stream: it may have overtaken the control that starts its stream or changes its
   *   layout
   * @throws StreamError `bad-chunk` if the message is not a valid chunk with its mark
   */
  decodeUnordered(bytes: Uint8Array): boolean {
    const marked = readMark(bytes)
    if (marked === undefined) throw new StreamError('bad-chunk', 'Cannot take anything but a marked chunk here')
    const header = readChunk(marked.chunk)
    const entry = this.#streams.get(header.stream)
    if (entry === undefined || entry.stream.delivery === 'reliable') return false
    if (layoutHash(entry.description) !== marked.mark) return false
    if (header.first < (entry.next ?? 0)) entry.stream.countLate(header.samples)
    else entry.deliver(header)
    return true
  }

  get(number: number): IncomingStream | undefined {
    return this.#streams.get(number)
  }

  has(number: number): boolean {
    return this.#streams.has(number)
  }

  get entries(): [number: number, IncomingStream][] {
    return [...this.#streams]
  }

  /** Numbers of ended streams. The publisher need not announce them again. */
  get over(): number[] {
    return [...this.#over]
  }

  /**
   * Adds a stream of a publication.
   *
   * @param old the departed stream that continues as this one
   * @throws StreamError `bad-control` if there is no room for it, or if the number is taken; as `count` does
   */
  add(stream: ReceivedStream, [number, description, from]: AnnouncedStream, old?: IncomingStream): IncomingStream {
    if (this.#streams.has(number)) throw badControl(`stream ${number} is there already`)
    if (this.#streams.size >= MAX_STREAMS) throw badControl(`there are ${MAX_STREAMS} streams`)
    this.#checkChannels(description.channels.length)
    this.count()
    const entry =
      old ?? new IncomingStream(stream, description, this.#tracksFor(number, description), from, this.#clock)
    old?.restarted(description, from, this.#clock)
    this.#streams.set(number, entry)
    this.#channels += entry.tracks.length
    return entry
  }

  /**
   * Counts one more stream or publication.
   *
   * @throws StreamError `too-many-streams` if there were too many, also if they have ended
   */
  count(): void {
    if (this.#known++ < this.#maxKnown) return
    const message = `Cannot accept more than ${this.#maxKnown} streams and publications of one peer`
    throw new StreamError('too-many-streams', message)
  }

  /**
   * Changes the description of a stream. Before the first sample, the number of channels can change, and with it the
   * tracks.
   *
   * @throws StreamError `bad-control` if the number of channels cannot change, or if there are too many
   */
  describe(number: number, entry: IncomingStream, description: StreamDescription): void {
    const { tracks, stream } = entry
    const more = description.channels.length - tracks.length
    if (more !== 0 && entry.hasSamples) throw badControl(`stream ${number} has samples of ${tracks.length} channels`)
    entry.describe(description, this.#clock)
    if (more === 0) return
    this.#checkChannels(more)
    this.#channels += more
    entry.tracks = this.#tracksFor(number, description)
    stream.remove(tracks)
    stream.add(entry.tracks)
  }

  remove(number: number): void {
    this.#channels -= this.#streams.get(number)?.tracks.length ?? 0
    this.#streams.delete(number)
    this.#over.add(number)
    const [oldest] = this.#over
    if (this.#over.size > MAX_WANTED_STREAMS) this.#over.delete(oldest as number)
  }

  /** Returns new tracks. Their ids differ from those of streams that continue from another peer. */
  #tracksFor(number: number, description: StreamDescription): ReceivedTrack[] {
    const taken = new Set([...this.#streams].map(([key, { tracks }]) => (key === number ? undefined : tracks[0]?.id)))
    return tracksOf(freeId(number, taken), description)
  }

  #checkChannels(more: number): void {
    if (this.#channels + more > MAX_CHANNELS) throw badControl(`there are ${MAX_CHANNELS} channels`)
  }
}

/** The peer broke a rule that both sides know. */
export const badControl = (why: string): StreamError =>
  new StreamError('bad-control', `Cannot accept the control: ${why}`)
