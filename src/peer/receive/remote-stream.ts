import {
  ChunkQueue,
  type QueuedSamples,
  type Samples,
  type SampleTimes,
  type StreamDescription,
} from '../../streams/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import type { RemoteTrack } from './remote-track.ts'

/** Samples that arrived together, each with all channels of its stream. */
export interface Chunk extends QueuedSamples {
  /** When each sample was taken, in seconds of one's own clock, which is `now()` of `datastreams-webrtc/streams`. */
  timestamps: Float64Array<ArrayBuffer>
  /** The timestamps as the source gave them, in the description's `timeUnit`. */
  sourceTimestamps: Float64Array<ArrayBuffer>
  /** Seconds that the comparison of the two clocks may be off. Infinity in the first half second of a link. */
  timeError: number
  /** Of the stream's first channel; it stands for them all. */
  track: RemoteTrack
  /** The channels' labels, in the order of their values. */
  channels: readonly string[]
  /** What held for these samples; another object once it has changed. */
  description: StreamDescription
}

/**
 * Why samples will not come: `dropped` by their publisher or lost on a channel that repeats nothing; the `link` was gone
 * for longer than their publisher keeps them; the publisher began again (`restart`), and its clock says how many.
 */
export type GapCause = 'dropped' | 'link' | 'restart'

/** Samples of a stream that will not come. */
export interface Gap {
  cause: GapCause
  /** Of the stream's first channel. */
  track: RemoteTrack
  /** The number of the first of them. */
  first: number
  missed: number
}

/** What came of a publication so far; a sample counts once, however many channels it has. */
export interface RemoteStreamStats {
  samples: number
  chunks: number
  /** Of the samples, and of their timestamps where those were sent. */
  bytes: number
  /** Samples that the publisher's numbers show to be lost, and in how many places. */
  missed: number
  gaps: number
  /** Samples that came after newer ones and were left out, where the publisher does not wait: they are missed, too. */
  late: number
}

/** As a MediaStream's, with the track as `detail` too, as datastreams-api has it. */
export class TrackEvent<Track> extends CustomEvent<Track> {
  readonly track: Track

  constructor(type: string, track: Track) {
    super(type, { detail: track })
    this.track = track
  }
}

export interface RemoteStreamEvents {
  /** A data track. What happens to sound and pictures is told as `addmedia` and `removemedia`. */
  addtrack: TrackEvent<RemoteTrack>
  removetrack: TrackEvent<RemoteTrack>
  addmedia: TrackEvent<MediaStreamTrack>
  removemedia: TrackEvent<MediaStreamTrack>
  /** What describes these tracks has changed; each gets a `describe` of its own, too. */
  describe: CustomEvent<RemoteTrack[]>
  /** Samples are missing; told before the chunk that follows. */
  gap: CustomEvent<Gap>
  /** It goes on over another link. */
  recovered: Event
  close: Event
}

/**
 * What somebody else publishes. Behaves as a datastreams-api DataStream does for its readers, and can be read with
 * `for await`; each such reader has a queue of its own, 32 MiB at most, past which the oldest chunks are counted into
 * the `missed` of those that follow.
 *
 * @example
 * ```ts
 * import type { RemoteStream } from 'datastreams-webrtc/peer'
 *
 * export async function print(stream: RemoteStream): Promise<void> {
 *   for await (const { track, data, timestamps, missed } of stream) console.log(track.label, data, timestamps, missed)
 * }
 * ```
 */
export class RemoteStream extends TypedEventTarget<RemoteStreamEvents> implements AsyncIterable<Chunk, undefined> {
  readonly id: string
  readonly name: string
  /** How its samples travel, as the publisher chose. */
  readonly delivery: 'reliable' | 'latest' | 'deadline'
  active = true
  /** By contentHint, or by ordinal where there is none or it is taken. */
  readonly tracks: Map<string | number, RemoteTrack> = new Map()
  /** Sound and pictures, where the publication has any. */
  mediaStream: MediaStream | undefined
  readonly #stats: RemoteStreamStats = { samples: 0, chunks: 0, bytes: 0, missed: 0, gaps: 0, late: 0 }
  readonly #readers = new Set<ChunkQueue<Chunk>>()
  #ordinal = 0

  constructor(id: string, name: string, delivery: RemoteStream['delivery'] = 'reliable') {
    super()
    this.id = id
    this.name = name
    this.delivery = delivery
  }

  getDataTracks(): RemoteTrack[] {
    return [...this.tracks.values()]
  }

  getTracks(): (RemoteTrack | MediaStreamTrack)[] {
    return [...(this.mediaStream?.getTracks() ?? []), ...this.getDataTracks()]
  }

  getVideoTracks(): MediaStreamTrack[] {
    return this.mediaStream?.getVideoTracks() ?? []
  }

  getAudioTracks(): MediaStreamTrack[] {
    return this.mediaStream?.getAudioTracks() ?? []
  }

  /** Reads all tracks' chunks from now until the stream ends. */
  [Symbol.asyncIterator](): ChunkQueue<Chunk> {
    const queue = new ChunkQueue<Chunk>((closed) => this.#readers.delete(closed))
    if (this.active) this.#readers.add(queue)
    else queue.close()
    return queue
  }

  /** Adds all tracks of one stream, then tells of each. */
  add(tracks: readonly RemoteTrack[], silent = false): void {
    for (const track of tracks) {
      const ordinal = this.#ordinal++
      const { contentHint } = track
      this.tracks.set(contentHint === '' || this.tracks.has(contentHint) ? ordinal : contentHint, track)
    }
    if (!silent) for (const track of tracks) this.dispatchEvent(new TrackEvent('addtrack', track))
  }

  remove(tracks: readonly RemoteTrack[]): void {
    for (const [key, value] of this.tracks) if (tracks.includes(value)) this.tracks.delete(key)
    for (const track of tracks) {
      track.end()
      this.dispatchEvent(new TrackEvent('removetrack', track))
    }
  }

  describe(tracks: RemoteTrack[], description: StreamDescription): void {
    for (const track of tracks) track.describe(description)
    emit(this, 'describe', tracks)
  }

  deliver(tracks: readonly RemoteTrack[], samples: Samples, times: SampleTimes, missed: number): void {
    for (const track of tracks) track.deliver(samples)
    const track = tracks[0] as RemoteTrack
    const { description } = track
    const channels = labelsOf(description)
    const { data, first, timestamps: sourceTimestamps } = samples
    const told = { ...times, sourceTimestamps, track, channels, description, missed }
    const chunk = { data, first, ...told, samples: sourceTimestamps.length }
    for (const reader of this.#readers) reader.push(chunk)
  }

  /** Counts and tells what will not come. */
  miss(tracks: readonly RemoteTrack[], first: number, missed: number, cause: GapCause): void {
    this.#stats.missed += missed
    this.#stats.gaps++
    for (const track of tracks) track.missed += missed
    emit(this, 'gap', { cause, track: tracks[0] as RemoteTrack, first, missed })
  }

  /** @param bytes of the chunk's payload */
  countChunk(samples: number, bytes: number): void {
    this.#stats.chunks++
    this.#stats.samples += samples
    this.#stats.bytes += bytes
  }

  countLate(samples: number): void {
    this.#stats.late += samples
  }

  /** What came so far. */
  stats(): RemoteStreamStats {
    return { ...this.#stats }
  }

  addMedia(track: MediaStreamTrack, stream: MediaStream): void {
    if (this.mediaStream !== stream) {
      // Those of a link that is gone.
      for (const old of this.mediaStream?.getTracks() ?? []) this.dispatchEvent(new TrackEvent('removemedia', old))
      stream.addEventListener('removetrack', ({ track }) => this.dispatchEvent(new TrackEvent('removemedia', track)))
    }
    this.mediaStream = stream
    this.dispatchEvent(new TrackEvent('addmedia', track))
  }

  end(): void {
    if (!this.active) return
    this.active = false
    for (const track of this.getDataTracks()) track.end()
    for (const reader of this.#readers) reader.close()
    this.dispatchEvent(new Event('close'))
  }
}

/** Asked for with each chunk; a description is never changed in place. */
function labelsOf(description: StreamDescription): readonly string[] {
  const known = labels.get(description)
  if (known !== undefined) return known
  const found = description.channels.map(({ label }) => label)
  labels.set(description, found)
  return found
}

const labels = new WeakMap<StreamDescription, readonly string[]>()
