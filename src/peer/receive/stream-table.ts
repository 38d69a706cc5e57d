import { type StreamDescription, StreamError } from '../../streams/mod.ts'
import { MAX_WANTED_STREAMS } from '../wire/mod.ts'
import { freeId, type IncomingStream, tracksOf } from './incoming-stream.ts'
import type { RemoteTrack } from './remote-track.ts'

/** Most streams of one peer. */
export const MAX_STREAMS = 4_096
/** Most streams and publications of one peer, including those that have ended. */
export const MAX_KNOWN_STREAMS = 65_536
/** Most channels of all streams of one peer together. Each channel is a track. */
export const MAX_CHANNELS = 16_384

/** The streams of one peer by number, within limits. It also keeps the numbers of the newest ended streams. */
export class StreamTable {
  readonly #streams = new Map<number, IncomingStream>()
  readonly #over = new Set<number>()
  readonly #maxKnown: number
  #known = 0
  #channels = 0

  /** @param maxKnown most streams and publications, including those that have ended */
  constructor(maxKnown: number) {
    this.#maxKnown = maxKnown
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
   * Checks that the table has room for one more stream.
   *
   * @throws StreamError `bad-control` if it has not, or if the number is taken; as `count` does
   */
  check(number: number, channels: number): void {
    if (this.#streams.has(number)) throw tooMuch(`stream ${number} is there already`)
    if (this.#streams.size >= MAX_STREAMS) throw tooMuch(`there are ${MAX_STREAMS} streams`)
    this.#checkChannels(channels)
    this.count()
  }

  add(number: number, stream: IncomingStream): void {
    this.#streams.set(number, stream)
    this.#channels += stream.tracks.length
  }

  /**
   * Replaces the tracks of a stream after its number of channels has changed.
   *
   * @throws StreamError `bad-control` if there are too many channels
   */
  retrack(number: number, stream: IncomingStream, description: StreamDescription): void {
    const more = description.channels.length - stream.tracks.length
    this.#checkChannels(more)
    this.#channels += more
    stream.tracks = this.tracksFor(number, description)
  }

  remove(number: number): void {
    this.#channels -= this.#streams.get(number)?.tracks.length ?? 0
    this.#streams.delete(number)
    this.#over.add(number)
    const [oldest] = this.#over
    if (this.#over.size > MAX_WANTED_STREAMS) this.#over.delete(oldest as number)
  }

  /** Returns new tracks. Their ids differ from those of streams that continue from another peer. */
  tracksFor(number: number, description: StreamDescription): RemoteTrack[] {
    const taken = new Set([...this.#streams].map(([key, { tracks }]) => (key === number ? undefined : tracks[0]?.id)))
    return tracksOf(freeId(number, taken), description)
  }

  #checkChannels(more: number): void {
    if (this.#channels + more > MAX_CHANNELS) throw tooMuch(`there are ${MAX_CHANNELS} channels`)
  }
}

const tooMuch = (why: string): StreamError => new StreamError('bad-control', `Cannot accept the control: ${why}`)
