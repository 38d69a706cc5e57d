/** The companion: connects the users of a room and their streams over WebRTC. It runs unchanged in browsers. @module */
export { type Info, type Restrictions, type RoomInfo, SignalError, type SignalErrorCode } from '../protocol/mod.ts'
export { type ClockState, type StreamDescription, StreamError } from '../streams/mod.ts'
export { type ConnectOptions, connect } from './connect.ts'
export { type HostedRooms, type HostedRoomsOptions, hostedRooms } from './hosted-rooms.ts'
export type { Recovered, Recovering, RecoveryCause, RecoveryStep, Wrtc } from './link/mod.ts'
export type {
  DescriptionChanges,
  Publication,
  PublicationEvents,
  PublicationStats,
  PublishOptions,
  PushPublication,
} from './publish/mod.ts'
export type {
  Chunk,
  Gap,
  GapCause,
  RemoteStream,
  RemoteStreamEvents,
  RemoteStreamStats,
  RemoteTrack,
  RemoteTrackEvents,
  Subscriber,
  TrackEvent,
} from './receive/mod.ts'
export type { RoomRecording, RoomRecordingEvents, RoomRecordingStats } from './recording/mod.ts'
export type {
  JoinOptions,
  Membership,
  MembershipEvents,
  PushDescription,
  RemotePeer,
  RemotePeerEvents,
  RemotePeerStats,
  Removed,
  Session,
  SessionEvents,
} from './room/mod.ts'
export { PeerError, type PeerErrorCode } from './shared/mod.ts'
export type { CloseDetail, OwnIdentity, Reconnecting } from './signaling/mod.ts'
export type { BufferLimits, Delivery, DeliveryOptions, Overflow } from './wire/mod.ts'
