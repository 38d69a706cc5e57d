import { encodeValue } from '../../protocol/mod.ts'
import {
  type ChunkHeader,
  createStreamClock,
  now,
  type RemoteClock,
  type StreamClock,
  type StreamDescription,
  unpackChunk,
} from '../../streams/mod.ts'
import type { GapCause, RemoteStream } from './remote-stream.ts'
import { RemoteTrack } from './remote-track.ts'

/** Seconds by which stamps may say more than the receiver's own clock of how long a publisher was away. */
const RESTART_SLACK = 5

/** Where a stream was when its publisher began again: its newest sample's stamp and arrival, in seconds. */
interface Before {
  stamp: number
  at: number
  next: number
}

/** One stream of a publication that somebody else publishes. */
export class IncomingStream {
  description: StreamDescription
  /** One for each channel. */
  tracks: RemoteTrack[]
  readonly stream: RemoteStream
  /** The publisher's number of the sample that should come next; undefined before the first, where nobody said. */
  next: number | undefined
  /** What a gap before the next chunk is due to. */
  #cause: GapCause = 'dropped'
  #times: StreamClock
  /** What is added to the publisher's numbers, which begin anew where it does. */
  #shift = 0
  #newest: { stamp: number; at: number } | undefined
  #before: Before | undefined

  constructor(
    stream: RemoteStream,
    description: StreamDescription,
    tracks: RemoteTrack[],
    from: number | undefined,
    clock: RemoteClock,
  ) {
    this.stream = stream
    this.description = description
    this.tracks = tracks
    this.next = from
    this.#times = createStreamClock(description, clock)
  }

  /** Whether samples have come, or were there before: the number of channels is then settled. */
  get hasSamples(): boolean {
    return (this.next ?? 0) > 0 || this.#newest !== undefined
  }

  /** What comes next may lie behind what was lost with a link. */
  relinked(): void {
    this.#cause = 'link'
  }

  /** Its publisher has begun again, and counts from `from`. */
  restarted(description: StreamDescription, from: number | undefined, clock: RemoteClock): void {
    if (this.#newest !== undefined) this.#before ??= { ...this.#newest, next: (this.next ?? 0) + this.#shift }
    this.next = from
    this.#times = createStreamClock(description, clock)
    this.describe(description, clock)
  }

  /** @returns whether anything changed */
  describe(description: StreamDescription, clock: RemoteClock): boolean {
    const { description: before, tracks, stream } = this
    if (isSame(before, description)) return false
    this.description = description
    // What else changes has no part in time, and the line through the stamps goes on.
    if (timing.some((field) => description[field] !== before[field]))
      this.#times = createStreamClock(description, clock)
    if (description.channels.length === tracks.length) stream.describe(tracks, description)
    return true
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

  /** Counts what lies between the newest chunk and the stream's end. */
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

/** What the rate says is missing; 0 where it says nothing: none, or stamps that count from somewhere else. */
function missedBetween(before: Before, stamp: number, nominalRate: number): number {
  const seconds = stamp - before.stamp
  if (!(seconds > 0) || seconds > now() - before.at + RESTART_SLACK) return 0
  return Math.max(0, Math.round(seconds * nominalRate) - 1)
}

/** What a stream's times depend on. */
const timing = ['nominalRate', 'timeUnit', 'dejitter'] as const

/** Whether two descriptions say the same, in the same order, as those of one publisher do. */
function isSame(one: StreamDescription, other: StreamDescription): boolean {
  const [left, right] = [encodeValue(one), encodeValue(other)]
  return left.length === right.length && left.every((byte, i) => byte === right[i])
}

/** One for each channel; the first has the stream's id. */
export const tracksOf = (id: string, description: StreamDescription): RemoteTrack[] =>
  description.channels.map((_, i) => new RemoteTrack(i === 0 ? id : `${id}.${i}`, description, i))

/** What a stream or its first track is called: its number, unless that is taken. */
export function freeId(number: number, taken: { has(id: string): boolean }): string {
  let id = String(number)
  while (taken.has(id)) id += '+'
  return id
}
