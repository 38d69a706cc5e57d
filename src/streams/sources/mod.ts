/** Everything that can be published: DataStreams, tracks, iterables and pushed samples. @module */
export type { DataStreamLike } from './data-stream.ts'
export type { DataTrackLike } from './data-track.ts'
export { pushSource, type SourceLike, sourceOf } from './open-source.ts'
export type { Pulled } from './pulled-source.ts'
export type { Source, SourceSink } from './source.ts'
export type { MergeOptions } from './tick-merger.ts'
