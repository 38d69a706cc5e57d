/**
 * What the imports of their own, `legacy` and `recording`, need of the companion, and what the companion knows of them.
 * In the package, dist/companion.js exports these names, so that an app with such an import has the companion once. They
 * are not public.
 *
 * @module
 */
export { isObject, TokenBucket } from '../../protocol/both-ends.ts'
export { encodeChunk, MAX_TEXT_LENGTH, now, RemoteClock, StreamError, StreamWriter } from '../../streams/mod.ts'
export { toName } from '../../unicode/names.ts'
export {
  descriptionError,
  offerLimit,
  peerConnectionOf,
  Recovery,
  readQuality,
  reportOf,
  SignalGuard,
} from '../link/mod.ts'
export { describeTrack } from '../publish/mod.ts'
export { Inbox, MAX_PUBLICATIONS, MAX_STREAMS } from '../receive/mod.ts'
export { afterSeconds, closeQuietly, emit, TypedEventTarget } from '../shared/mod.ts'
export { countDropped, encodeControl } from '../wire/mod.ts'
export type { RecordedPeer, RecordedRoom } from './recorded-room.ts'
export type { OwnSide, RecordingStart, RecordingSupport } from './recording-support.ts'
export type { RoomRecording, RoomRecordingEvents, RoomRecordingStats } from './room-recording.ts'
