import type { Samples, SampleTimes, StreamDescription } from '../../streams/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import { ChunkQueue } from './chunk-queue.ts'
import type { ReceivedTrack } from './received-track.ts'
import type { Chunk, GapCause, RemoteStream, RemoteStreamEvents, RemoteStreamStats } from './remote-stream.ts'
import { TrackEvent } from './track-event.ts'

/** Adds the counts of one stream to a sum. */
export function addStats(sum: RemoteStreamStats, more: RemoteStreamStats): void {
  for (const key of Object.keys(sum) as (keyof RemoteStreamStats)[]) sum[key] += more[key]
}

/** Delivers the samples of one publication to readers and to the tracks' subscribers, and counts. */
export class ReceivedStream extends TypedEventTarget<RemoteStreamEvents> implements RemoteStream {
  readonly id: string
  readonly name: string
  readonly delivery: 'reliable' | 'latest' | 'deadline'
  active = true
  readonly tracks: Map<string | number, ReceivedTrack> = new Map()
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

  getDataTracks(): ReceivedTrack[] {
    return [...this.tracks.values()]
  }

  getTracks(): (ReceivedTrack | MediaStreamTrack)[] {
    return [...(this.mediaStream?.getTracks() ?? []), ...this.getDataTracks()]
  }

  getVideoTracks(): MediaStreamTrack[] {
    return this.mediaStream?.getVideoTracks() ?? []
  }

  getAudioTracks(): MediaStreamTrack[] {
    return this.mediaStream?.getAudioTracks() ?? []
  }

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
  add(tracks: readonly ReceivedTrack[], silent = false): void {
    for (const track of tracks) {
      const ordinal = this.#ordinal++
      const { contentHint } = track
      this.tracks.set(contentHint === '' || this.tracks.has(contentHint) ? ordinal : contentHint, track)
    }
    if (!silent) for (const track of tracks) this.dispatchEvent(new TrackEvent('addtrack', track))
  }

  remove(tracks: readonly ReceivedTrack[]): void {
    for (const [key, value] of this.tracks) if (tracks.includes(value)) this.tracks.delete(key)
    for (const track of tracks) {
      track.end()
      this.dispatchEvent(new TrackEvent('removetrack', track))
    }
  }

  describe(tracks: ReceivedTrack[], description: StreamDescription): void {
    for (const track of tracks) track.describe(description)
    emit(this, 'describe', tracks)
  }

  deliver(tracks: readonly ReceivedTrack[], samples: Samples, times: SampleTimes, missed: number): void {
    for (const track of tracks) track.deliver(samples)
    const track = tracks[0] as ReceivedTrack
    const { description } = track
    const channels = labelsOf(description)
    const { data, first, timestamps: sourceTimestamps } = samples
    const told = { ...times, sourceTimestamps, track, channels, description, missed }
    const chunk = { data, first, ...told, samples: sourceTimestamps.length }
    for (const reader of this.#readers) reader.push(chunk)
  }

  /** Counts samples that will not arrive, and emits `gap`. */
  miss(tracks: readonly ReceivedTrack[], first: number, missed: number, cause: GapCause): void {
    this.#stats.missed += missed
    this.#stats.gaps++
    for (const track of tracks) track.missed += missed
    emit(this, 'gap', { cause, track: tracks[0] as ReceivedTrack, first, missed })
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
