import type { DescriptionInit } from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import { type DataStreamLike, followStream, isStream } from './data-stream.ts'
import { type DataTrackLike, followDataTrack, isDataTrack } from './data-track.ts'
import { isPullable, type Pulled, pulledSource } from './pulled-source.ts'
import type { Source, SourceSink } from './source.ts'
import { type MergeOptions, mergeTicks } from './tick-merger.ts'

/**
 * Everything that can be published. `sourceOf` recognizes values by their shape, never by their class.
 *
 * The conditions give `MediaStream` and `MediaStreamTrack`. A compiler without the types of browsers, as on Deno and Node,
 * does not know these names: they would be `any` there, and accept everything.
 */
export type SourceLike =
  | DataStreamLike
  | DataTrackLike
  | (typeof globalThis extends { MediaStream: { prototype: infer Media } } ? Media : never)
  | (typeof globalThis extends { MediaStreamTrack: { prototype: infer Track } } ? Track : never)
  | ReadableStream<Pulled>
  | AsyncIterable<Pulled>

/**
 * Creates a source from one of these:
 *
 * - a datastreams-api DataStream or DataStreamTrack, of December 2021 or 0.0.18;
 * - a MediaStream or a MediaStreamTrack;
 * - a ReadableStream or an async iterable.
 *
 * Tracks of a DataStream that tick together become one stream of several channels.
 *
 * @throws StreamError `bad-source` for anything else
 */
export function sourceOf(value: unknown, options?: MergeOptions): Source {
  if (isDataTrack(value)) return (sink) => followDataTrack(value, sink)
  if (isStream(value)) return mergeTicks((sink) => followStream(value, sink), options)
  if (isMediaTrack(value)) return (sink) => followMediaTrack(value, sink)
  if (isPullable(value)) return pulledSource(value)
  throw new StreamError(
    'bad-source',
    'Cannot publish what is neither a DataStream, a MediaStream, a track, a ReadableStream, an async iterable nor a description',
  )
}

/**
 * Creates a source with one stream, which `push` feeds. Timestamps are in seconds, unless the description has another
 * `timeUnit`. `push` returns whether the buffer has room.
 */
export function pushSource(description: DescriptionInit): {
  source: Source
  push(values: ArrayLike<unknown>, timestamps?: ArrayLike<number> | number): boolean
} {
  const track = {}
  let sink: SourceSink | undefined
  return {
    source(given) {
      sink = given
      const { timeUnit = 's' } = description
      sink.addTrack(track, { ...description, timeUnit })
      return () => {
        sink = undefined
      }
    },
    push(values, timestamps) {
      sink?.push(track, values, timestamps)
      return sink?.full === false
    },
  }
}

const isMediaTrack = (value: unknown): value is MediaStreamTrack => {
  const { kind, enabled, stop } = (value ?? {}) as Partial<MediaStreamTrack>
  return (kind === 'audio' || kind === 'video') && typeof enabled === 'boolean' && typeof stop === 'function'
}

function followMediaTrack(track: MediaStreamTrack, sink: SourceSink): () => void {
  const end = () => sink.removeMedia(track)
  sink.addMedia(track)
  track.addEventListener('ended', end)
  return () => track.removeEventListener('ended', end)
}
