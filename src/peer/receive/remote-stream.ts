import type { Samples, SampleTimes, StreamDescription } from '../../streams/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import { ChunkQueue, type QueuedSamples } from './chunk-queue.ts'
import type { RemoteTrack } from './remote-track.ts'

/** Samples that arrived together. Each sample has all channels of its stream. */
export interface Chunk extends QueuedSamples {
  /** When each sample was taken, in seconds of the local clock: `now()` of `datastreams-webrtc/streams`. */
  timestamps: Float64Array<ArrayBuffer>
  /** The source's own timestamps, in the description's `timeUnit`. */
  sourceTimestamps: Float64Array<ArrayBuffer>
  /** Bound on the error of the clock comparison, in seconds. Infinity in the first half second of a link. */
  timeError: number
  /** The track of the stream's first channel. It stands for all channels. */
  track: RemoteTrack
  /** The channels' labels, in the order of their values. */
  channels: readonly string[]
  /** The description of these samples; another object after each change. */
  description: StreamDescription
}

/**
 * Why samples are missing.
 *
 * - `dropped`: the publisher dropped them, or a channel that repeats nothing lost them
 * - `link`: the link was gone for longer than the publisher keeps samples
 * - `restart`: the publisher restarted; its timestamps show how many samples are missing
 */
export type GapCause = 'dropped' | 'link' | 'restart'

/** Samples of a stream that will not arrive. */
export interface Gap {
  cause: GapCause
  /** The track of the stream's first channel. */
  track: RemoteTrack
  /** The number of the first missing sample. */
  first: number
  missed: number
}

/** Counts of a publication so far. A sample counts once, whatever its number of channels. */
export interface RemoteStreamStats {
  samples: number
  chunks: number
  /** Bytes of the samples, and of their timestamps if the publisher sent them. */
  bytes: number
  /** Lost samples, by the publisher's sample numbers. */
  missed: number
  /** How many gaps the lost samples form. */
  gaps: number
  /**
   * Samples that arrived after newer ones, of a stream that is not reliable. The stream drops them, so `missed`
   * includes them.
   */
  late: number
}

/** Adds the counts of one stream to a sum. */
export function addStats(sum: RemoteStreamStats, more: RemoteStreamStats): void {
  for (const key of Object.keys(sum) as (keyof RemoteStreamStats)[]) sum[key] += more[key]
}

/** Like the track event of a MediaStream. As in datastreams-api, `detail` holds the track too. */
export class TrackEvent<Track> extends CustomEvent<Track> {
  readonly track: Track

  constructor(type: string, track: Track) {
    super(type, { detail: track })
    this.track = track
  }
}

export interface RemoteStreamEvents {
  /** A new data track. Audio and video emit `addmedia` and `removemedia` instead. */
  addtrack: TrackEvent<RemoteTrack>
  removetrack: TrackEvent<RemoteTrack>
  addmedia: TrackEvent<MediaStreamTrack>
  removemedia: TrackEvent<MediaStreamTrack>
  /** The description of these tracks has changed. Each track emits its own `describe` too. */
  describe: CustomEvent<RemoteTrack[]>
  /** Samples are missing. The stream emits this before the chunk that follows. */
  gap: CustomEvent<Gap>
  /** The stream continues over another link. */
  recovered: Event
  close: Event
}

/**
 * A stream of another peer.
 *
 * Readers can use it like a datastreams-api DataStream, or with `for await`. Each `for await` has its own queue of at
 * most 32 MiB. A full queue drops its oldest chunks, and adds them to `missed` of the chunks that follow.
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
  /** How its samples travel. The publisher chooses this. */
  readonly delivery: 'reliable' | 'latest' | 'deadline'
  active = true
  /** Tracks by contentHint, or by ordinal if the contentHint is empty or taken. */
  readonly tracks: Map<string | number, RemoteTrack> = new Map()
  /** The audio and video of the publication, if it has any. */
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

  /** Reads the chunks of all tracks from now on, until the stream ends. */
  [Symbol.asyncIterator](): ChunkQueue<Chunk> {
    const queue = new ChunkQueue<Chunk>((closed) => this.#readers.delete(closed))
    if (this.active) this.#readers.add(queue)
    else queue.close()
    return queue
  }

  /**
   * Adds all tracks of one stream, then emits `addtrack` for each.
   *
   * @param silent true to emit nothing
   */
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

  /** Counts samples that will not arrive, and emits `gap`. */
  miss(tracks: readonly RemoteTrack[], first: number, missed: number, cause: GapCause): void {
    this.#stats.missed += missed
    this.#stats.gaps++
    for (const track of tracks) track.missed += missed
    emit(this, 'gap', { cause, track: tracks[0] as RemoteTrack, first, missed })
  }

  /** @param bytes size of the chunk's payload */
  countChunk(samples: number, bytes: number): void {
    this.#stats.chunks++
    this.#stats.samples += samples
    this.#stats.bytes += bytes
  }

  countLate(samples: number): void {
    this.#stats.late += samples
  }

  /** Returns the counts so far. */
  stats(): RemoteStreamStats {
    return { ...this.#stats }
  }

  addMedia(track: MediaStreamTrack, stream: MediaStream): void {
    if (this.mediaStream !== stream) {
      // These tracks belong to a link that is gone.
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

/** Returns cached labels, because every chunk needs them. A description never changes in place. */
function labelsOf(description: StreamDescription): readonly string[] {
  const known = labels.get(description)
  if (known !== undefined) return known
  const found = description.channels.map(({ label }) => label)
  labels.set(description, found)
  return found
}

const labels = new WeakMap<StreamDescription, readonly string[]>()
