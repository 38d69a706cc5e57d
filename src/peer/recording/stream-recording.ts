import { now, type RecordedStream, type Recorder, type StreamDescription } from '../../streams/mod.ts'
import type { Chunk, Gap, RemoteStream, RemoteTrack } from '../receive/mod.ts'
import type { RecordedPeer } from './recorded-room.ts'

/** Seconds between two clock offsets, as LabRecorder has it. */
const OFFSET_PERIOD = 5
/** Stamps that are further from the present, in seconds, are of a recording that is played. */
const LIVE = 120

/** Tracks that come together, under one description. */
interface Part {
  description: StreamDescription
  recorded: RecordedStream
  /** The number of the sample that is next. */
  next: number
  /** When clocks were compared last, in seconds. */
  compared: number
}

/** One published stream on its way into a recording, where it is one XDF stream for each description that it had. */
export class StreamRecording {
  readonly stream: RemoteStream
  /** Whose clock its timestamps are of. */
  peer: RecordedPeer
  /** Samples that are not in the recording. */
  missed = 0
  readonly #room: string
  readonly #recorder: Recorder
  readonly #parts = new Map<RemoteTrack, Part>()
  #lastGap: Gap | undefined

  constructor(stream: RemoteStream, peer: RecordedPeer, room: string, recorder: Recorder) {
    this.stream = stream
    this.peer = peer
    this.#room = room
    this.#recorder = recorder
  }

  /** @throws StreamError `recording-failed` */
  async write(chunk: Chunk): Promise<void> {
    const { track, description, data, first, sourceTimestamps: timestamps, samples, missed } = chunk
    const part = await this.#partFor(track, description)
    part.next = first + samples
    this.missed += missed
    await part.recorded.write({ data, timestamps, first })
  }

  /** Samples that will not come; those in front of a chunk are told by the chunk, too. */
  miss(gap: Gap): void {
    this.#lastGap = gap
  }

  /** How its source's clock stands now, where that was last written a while ago. */
  async compareClocks(): Promise<void> {
    for (const [track, part] of this.#parts) {
      if (track.readyState === 'live' && now() - part.compared >= OFFSET_PERIOD) await this.#compare(part)
    }
  }

  /** Nothing more will come. */
  async end(): Promise<void> {
    for (const track of this.stream.getDataTracks()) {
      // What nothing came of is in the recording, too.
      if (track.channel === 0 && !this.#parts.has(track)) this.#parts.set(track, await this.#begin(track.description))
    }
    const gap = this.#lastGap
    if (gap !== undefined && gap.first >= (this.#parts.get(gap.track)?.next ?? 0)) this.missed += gap.missed
    for (const part of this.#parts.values()) await this.#end(part)
  }

  async #partFor(track: RemoteTrack, description: StreamDescription): Promise<Part> {
    const known = this.#parts.get(track)
    if (known?.description === description) return known
    if (known?.recorded.holds(this.#named(description))) {
      known.description = description
      return known
    }
    if (known !== undefined) await this.#end(known)
    const part = await this.#begin(description)
    this.#parts.set(track, part)
    return part
  }

  /** A stream without a name of its own has its publication's. */
  #named(description: StreamDescription): StreamDescription {
    return { ...description, name: description.name || this.stream.name }
  }

  async #begin(description: StreamDescription): Promise<Part> {
    const { info, id, clock } = this.peer
    const origin = {
      createdAt: now() + clock.offset,
      uid: crypto.randomUUID(),
      sessionId: this.#room,
      hostname: typeof info.name === 'string' ? info.name : String(id),
    }
    const recorded = await this.#recorder.addStream(this.#named(description), origin)
    const part = { description, recorded, next: 0, compared: Number.NEGATIVE_INFINITY }
    await this.#compare(part)
    return part
  }

  async #end(part: Part): Promise<void> {
    // A line needs two ends.
    await this.#compare(part)
    await part.recorded.end()
  }

  /**
   * Of a recording that is played its own time goes on, and a line through the present would say nothing of it: there
   * the offset holds for the newest stamp.
   */
  async #compare(part: Part): Promise<void> {
    const { offset, errorBound } = this.peer.clock
    if (errorBound === Infinity) return
    part.compared = now()
    const present = part.compared + offset
    const { lastTimestamp = present } = part.recorded
    const time = Math.abs(present - lastTimestamp) > LIVE ? lastTimestamp : present
    await part.recorded.clockOffset({ time, offset: -offset })
  }
}
