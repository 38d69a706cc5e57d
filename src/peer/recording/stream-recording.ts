import type { RecordedStream, Recorder, StreamDescription } from '../../streams/mod.ts'
import type { RecordedPeer } from '../internal/mod.ts'
import { now } from '../internal/mod.ts'
import type { Chunk, Gap, RemoteStream, RemoteTrack } from '../receive/mod.ts'
import type { StreamAllowance } from './stream-allowance.ts'

/** Seconds between two clock offsets, as in LabRecorder. */
const OFFSET_PERIOD = 5
/** Stamps further than this from the present, in seconds, belong to a played recording. */
const LIVE = 120

/** Tracks that arrive together, under one description. */
interface Part {
  description: StreamDescription
  /** Undefined if the file takes no more streams of the peer. */
  recorded: RecordedStream | undefined
  /** The number of the next sample. */
  next: number
  /** When the clocks were last compared, in seconds. */
  compared: number
}

/** One published stream in a recording. The file has one XDF stream for each description that the stream had. */
export class StreamRecording {
  readonly stream: RemoteStream
  /** The peer whose clock made the timestamps. */
  peer: RecordedPeer
  /** Samples that are missing from the recording. */
  missed = 0
  readonly #room: string
  readonly #recorder: Recorder
  readonly #allowance: StreamAllowance
  readonly #parts = new Map<RemoteTrack, Part>()
  #lastGap: Gap | undefined

  constructor(stream: RemoteStream, peer: RecordedPeer, room: string, recorder: Recorder, allowance: StreamAllowance) {
    this.stream = stream
    this.peer = peer
    this.#room = room
    this.#recorder = recorder
    this.#allowance = allowance
  }

  /** @throws StreamError `recording-failed` */
  async write(chunk: Chunk): Promise<void> {
    const { track, description, data, first, sourceTimestamps: timestamps, samples, missed } = chunk
    const part = await this.#partFor(track, description)
    part.next = first + samples
    this.missed += missed
    if (part.recorded === undefined) this.missed += samples
    else await part.recorded.write({ data, timestamps, first })
  }

  /** Keeps the newest gap. A chunk counts the gap before it, so `end` counts only a gap without a chunk after it. */
  miss(gap: Gap): void {
    this.#lastGap = gap
  }

  /** Writes the clock offset of each live part, at most every `OFFSET_PERIOD`. */
  async compareClocks(): Promise<void> {
    for (const [track, part] of this.#parts) {
      if (track.readyState === 'live' && now() - part.compared >= OFFSET_PERIOD) await this.#compare(part)
    }
  }

  /** Ends the stream in the file, because no more samples will arrive. */
  async end(): Promise<void> {
    for (const track of this.stream.getDataTracks()) {
      // A stream without samples belongs in the recording too.
      if (track.channel === 0 && !this.#parts.has(track)) this.#parts.set(track, await this.#begin(track.description))
    }
    const gap = this.#lastGap
    if (gap !== undefined && gap.first >= (this.#parts.get(gap.track)?.next ?? 0)) this.missed += gap.missed
    for (const part of this.#parts.values()) await this.#end(part)
  }

  async #partFor(track: RemoteTrack, description: StreamDescription): Promise<Part> {
    const known = this.#parts.get(track)
    if (known?.description === description) return known
    if (known?.recorded?.holds(this.#named(description))) {
      known.description = description
      return known
    }
    if (known !== undefined) await this.#end(known)
    const part = await this.#begin(description)
    this.#parts.set(track, part)
    return part
  }

  /** A stream without its own name takes the name of its publication. */
  #named(description: StreamDescription): StreamDescription {
    return { ...description, name: description.name || this.stream.name }
  }

  async #begin(description: StreamDescription): Promise<Part> {
    const { info, identity, id, clock } = this.peer
    const name = identity?.name ?? info.name
    const origin = {
      createdAt: now() + clock.offset,
      uid: crypto.randomUUID(),
      sessionId: this.#room,
      hostname: typeof name === 'string' ? name : String(id),
      publisher: identity,
    }
    const isTaken = this.#allowance.take(this.peer)
    const recorded = isTaken ? await this.#recorder.addStream(this.#named(description), origin) : undefined
    const part = { description, recorded, next: 0, compared: Number.NEGATIVE_INFINITY }
    await this.#compare(part)
    return part
  }

  async #end(part: Part): Promise<void> {
    // Readers draw a line through the offsets, and a line needs two ends.
    await this.#compare(part)
    await part.recorded?.end()
  }

  /**
   * Writes the current clock offset.
   *
   * The stamps of a played recording are far from the present. There the offset applies to the newest stamp, because a
   * line through the present would not cover the stamps.
   */
  async #compare(part: Part): Promise<void> {
    const { offset, errorBound } = this.peer.clock
    if (part.recorded === undefined || errorBound === Infinity) return
    part.compared = now()
    const present = part.compared + offset
    const { lastTimestamp = present } = part.recorded
    const time = Math.abs(present - lastTimestamp) > LIVE ? lastTimestamp : present
    await part.recorded.clockOffset({ time, offset: -offset })
  }
}
