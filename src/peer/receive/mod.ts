/** Publications, streams and tracks of other peers. @module */
export type { QueuedSamples } from './chunk-queue.ts'
export { ControlRate } from './control-rate.ts'
export { MAX_KNOWN_STREAMS, MAX_STREAMS } from './decoder.ts'
export { DepartedStreams, isOfDevice, type Remembered } from './departed-streams.ts'
export { Inbox } from './inbox.ts'
export type { InboxEvents, IncomingPublication } from './inbox-events.ts'
export { MAX_PUBLICATIONS } from './incoming-publications.ts'
export type {
  Chunk,
  ChunkReader,
  Gap,
  GapCause,
  RemoteStream,
  RemoteStreamEvents,
  RemoteStreamStats,
} from './remote-stream.ts'
export type { RemoteTrack, RemoteTrackEvents, Subscriber } from './remote-track.ts'
export type { TrackEvent } from './track-event.ts'
