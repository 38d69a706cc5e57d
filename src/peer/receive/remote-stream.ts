import type { StreamDescription } from '../../streams/mod.ts'
import type { TypedTarget } from '../shared/mod.ts'
import type { QueuedSamples } from './chunk-queue.ts'
import type { RemoteTrack } from './remote-track.ts'
import type { TrackEvent } from './track-event.ts'

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
  /** Why the samples are missing. */
  cause: GapCause
  /** The track of the stream's first channel. */
  track: RemoteTrack
  /** The number of the first missing sample. */
  first: number
  /** How many samples are missing. 0 after a restart without a known loss. */
  missed: number
}

/** Counts of a publication so far. A sample counts once, whatever its number of channels. */
export interface RemoteStreamStats {
  /** Samples received. */
  samples: number
  /** Chunks that held these samples. */
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

/** The events of a remote stream, with the type of each. */
export interface RemoteStreamEvents {
  /** A new data track. Audio and video emit `addmedia` and `removemedia` instead. */
  addtrack: TrackEvent<RemoteTrack>
  /** A data track has ended, while the stream continues. */
  removetrack: TrackEvent<RemoteTrack>
  /** A new audio or video track. `mediaStream` holds it. */
  addmedia: TrackEvent<MediaStreamTrack>
  /** An audio or video track is gone: the publisher removed it, or another link brings it again. */
  removemedia: TrackEvent<MediaStreamTrack>
  /** The description of these tracks has changed. Each track emits its own `describe` too. */
  describe: CustomEvent<RemoteTrack[]>
  /** Samples are missing. The stream emits this before the chunk that follows. */
  gap: CustomEvent<Gap>
  /** The stream continues over another link. */
  recovered: Event
  /** The publisher stopped, or the peer has left. */
  close: Event
}

/**
 * Reads the chunks of a stream. Its queue holds at most 32 MiB. A full queue drops its oldest chunks, and adds their
 * samples to `missed` of the next chunk of the same track.
 *
 * `for await` creates a reader, and ends it with `return()` when the loop ends. Only a reader that you create yourself
 * needs `await using` or `return()`.
 *
 * @example
 * ```ts
 * import type { Chunk, RemoteStream } from 'datastreams-webrtc/peer'
 *
 * export async function firstChunk(stream: RemoteStream): Promise<Chunk | undefined> {
 *   await using reader = stream[Symbol.asyncIterator]()
 *   return (await reader.next()).value
 * }
 * ```
 */
export interface ChunkReader extends AsyncIterableIterator<Chunk, undefined>, AsyncDisposable {
  /**
   * Waits for a chunk.
   *
   * @returns the next chunk, as soon as it arrives; `done` when the stream or the reader has ended
   */
  next(): Promise<IteratorResult<Chunk, undefined>>

  /** Ends the reader, and drops what its queue holds. */
  return(): Promise<IteratorResult<Chunk, undefined>>

  /** Takes no more chunks from the stream. `next()` still returns those in the queue. */
  close(): void

  /** Returns the reader itself, so that `for await` accepts it. */
  [Symbol.asyncIterator](): ChunkReader

  /** Calls `return()` at the end of the block of an `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A publication of another peer.
 *
 * Readers can use it like a datastreams-api DataStream, or with `for await`. Each `for await` has its own queue, see
 * `ChunkReader`.
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
export interface RemoteStream extends TypedTarget<RemoteStreamEvents>, AsyncIterable<Chunk, undefined> {
  /** Unique among the streams of its peer. */
  readonly id: string
  /** The name that the publisher gave to the publication. */
  readonly name: string
  /** How its samples travel. The publisher chooses this. */
  readonly delivery: 'reliable' | 'latest' | 'deadline'
  /** As of a MediaStream. False once the stream has emitted `close`. */
  readonly active: boolean
  /** The current tracks by contentHint, or by ordinal if the contentHint is empty or taken. */
  readonly tracks: ReadonlyMap<string | number, RemoteTrack>
  /** The audio and video of the publication, if it has any. */
  readonly mediaStream: MediaStream | undefined

  /** Returns the current data tracks: one for each channel. */
  getDataTracks(): RemoteTrack[]

  /** Returns the current audio, video and data tracks. */
  getTracks(): (RemoteTrack | MediaStreamTrack)[]

  /** Returns the current video tracks, as of a MediaStream. */
  getVideoTracks(): MediaStreamTrack[]

  /** Returns the current audio tracks, as of a MediaStream. */
  getAudioTracks(): MediaStreamTrack[]

  /** Returns the counts so far. */
  stats(): RemoteStreamStats

  /**
   * Reads the chunks of all tracks from now on, until the stream ends. Chunks that arrived before are not repeated.
   *
   * @returns a reader with a queue of its own
   */
  [Symbol.asyncIterator](): ChunkReader
}
