import {
  type ChunkHeader,
  createStreamClock,
  now,
  type RemoteClock,
  type StreamClock,
  type StreamDescription,
  unpackChunk,
} from '../../streams/mod.ts'
import { encodeValue } from '../wire/mod.ts'
import type { ReceivedStream } from './received-stream.ts'
import { ReceivedTrack } from './received-track.ts'
import type { GapCause } from './remote-stream.ts'

/** Stamps may show an absence longer than the receiver's clock measured, by at most this many seconds. */
const RESTART_SLACK = 5

/** Where a stream was when its publisher restarted: stamp and arrival of its newest sample, in seconds. */
interface Before {
  stamp: number
  at: number
  next: number
}

/** One stream of a publication of another peer. */
export class IncomingStream {
  description: StreamDescription
  /** One track for each channel. */
  tracks: ReceivedTrack[]
  readonly stream: ReceivedStream
  /**
   * The publisher's number of the next expected sample. Undefined before the first one, unless the publisher announced
   * it.
   */
  next: number | undefined
  /** The cause of a gap before the next chunk, if there is one. */
  #cause: GapCause = 'dropped'
  #times: StreamClock
  /** Offset to the publisher's sample numbers. They start again when the publisher restarts. */
  #shift = 0
  #newest: { stamp: number; at: number } | undefined
  #before: Before | undefined

  constructor(
    stream: ReceivedStream,
    description: StreamDescription,
    tracks: ReceivedTrack[],
    from: number | undefined,
    clock: RemoteClock,
  ) {
    this.stream = stream
    this.description = description
    this.tracks = tracks
    this.next = from
    this.#times = createStreamClock(description, clock)
  }

  /** Whether samples came on this link or before. The number of channels then cannot change. */
  get hasSamples(): boolean {
    return (this.next ?? 0) > 0 || this.#newest !== undefined
  }

  /** A new link carries the stream. The lost link explains a gap before the next chunk. */
  relinked(): void {
    this.#cause = 'link'
  }

  /** The publisher has restarted, and counts from `from`. */
  restarted(description: StreamDescription, from: number | undefined, clock: RemoteClock): void {
    if (this.#newest !== undefined) this.#before ??= { ...this.#newest, next: (this.next ?? 0) + this.#shift }
    this.next = from
    this.#times = createStreamClock(description, clock)
    this.describe(description, clock)
  }

  /** Does nothing if both descriptions are the same. */
  describe(description: StreamDescription, clock: RemoteClock): void {
    const { description: before, tracks, stream } = this
    if (isSame(before, description)) return
    this.description = description
    // Other fields do not affect time, so keep the clock with the line through its stamps.
    if (timing.some((field) => description[field] !== before[field]))
      this.#times = createStreamClock(description, clock)
    if (description.channels.length === tracks.length) stream.describe(tracks, description)
  }

  deliver(header: ChunkHeader): void {
    const { tracks, stream, description } = this
    const unpacked = unpackChunk(header, description)
    const second = description.timeUnit === 's' ? 1 : 1000
    const stamps = unpacked.timestamps
    const missed = this.#missed(header, (stamps[0] as number) / second)
    const samples = { ...unpacked, first: header.first + this.#shift }
    const at = now()
    this.next = header.first + header.samples
    this.#newest = { stamp: (stamps.at(-1) as number) / second, at }
    for (const track of tracks) track.samples += header.samples
    stream.countChunk(header.samples, header.payload.length)
    if (missed > 0 || this.#before !== undefined) stream.miss(tracks, samples.first - missed, missed, this.#cause)
    this.#before = undefined
    this.#cause = 'dropped'
    stream.deliver(tracks, samples, this.#times(samples, at), missed)
  }

  /**
   * Counts the samples that are missing between the newest chunk and the stream's end.
   *
   * @param samples how many samples the stream had in all
   */
  end(samples: number): void {
    const { next, tracks, stream } = this
    if (next !== undefined && samples > next) stream.miss(tracks, next + this.#shift, samples - next, this.#cause)
  }

  #missed({ first }: ChunkHeader, stamp: number): number {
    if (this.#before === undefined) return first - (this.next ?? first)
    const missed = missedBetween(this.#before, stamp, this.description.nominalRate)
    this.#cause = 'restart'
    this.#shift = this.#before.next + missed - first
    return missed
  }
}

/**
 * Returns how many samples are missing by the nominal rate. Returns 0 without a rate, or if the stamps have another
 * origin.
 */
function missedBetween(before: Before, stamp: number, nominalRate: number): number {
  const seconds = stamp - before.stamp
  if (!(seconds > 0) || seconds > now() - before.at + RESTART_SLACK) return 0
  return Math.max(0, Math.round(seconds * nominalRate) - 1)
}

/** The fields that a stream's times depend on. */
const timing = ['nominalRate', 'timeUnit', 'dejitter'] as const

/** Whether two descriptions have the same encoding. One publisher always writes the fields in the same order. */
function isSame(one: StreamDescription, other: StreamDescription): boolean {
  const [left, right] = [encodeValue(one), encodeValue(other)]
  return left.length === right.length && left.every((byte, i) => byte === right[i])
}

/** One track for each channel. The first has the stream's id. */
export const tracksOf = (id: string, description: StreamDescription): ReceivedTrack[] =>
  description.channels.map((_, i) => new ReceivedTrack(i === 0 ? id : `${id}.${i}`, description, i))

/** Returns an id for a stream or its first track: its number, with a `+` for each id that is taken. */
export function freeId(number: number, taken: { has(id: string): boolean }): string {
  let id = String(number)
  while (taken.has(id)) id += '+'
  return id
}
