/** Publications, streams and tracks of other peers. @module */
export { DepartedStreams, isOfDevice, type Remembered } from './departed-streams.ts'
export { Inbox, MAX_PUBLICATIONS } from './inbox.ts'
export type { InboxEvents, IncomingPublication } from './inbox-events.ts'
export type {
  Chunk,
  Gap,
  GapCause,
  RemoteStream,
  RemoteStreamEvents,
  RemoteStreamStats,
  TrackEvent,
} from './remote-stream.ts'
export type { RemoteTrack, RemoteTrackEvents, Subscriber } from './remote-track.ts'
export { MAX_KNOWN_STREAMS, MAX_STREAMS } from './stream-table.ts'
