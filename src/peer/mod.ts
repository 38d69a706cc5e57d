/** The companion: connects the users of a room and their streams over WebRTC. It runs unchanged in browsers. @module */
export {
  type Info,
  type ListingRequest,
  type OwnIdentity,
  type RelayName,
  type RequestBodies,
  type Restrictions,
  type Resume,
  type RoomClosed,
  type RoomInfo,
  type RoomSettings,
  SignalError,
  type SignalErrorBody,
  type SignalErrorCode,
  type SignalErrorReason,
} from '../protocol/both-ends.ts'
export {
  type ChannelDescription,
  type ChannelInit,
  type ClockState,
  type DataStreamLike,
  type DataTrackLike,
  type DescriptionInit,
  type Format,
  type NumericArray,
  type Pulled,
  type Samples,
  type SourceLike,
  type StreamDescription,
  StreamError,
  type StreamErrorCode,
  type Values,
} from '../streams/mod.ts'
export { type Connecting, type ConnectOptions, connect } from './connect.ts'
export { type HostedRooms, type HostedRoomsOptions, hostedRooms } from './hosted-rooms.ts'
export type { RecordingSupport, RoomRecording, RoomRecordingEvents, RoomRecordingStats } from './internal/mod.ts'
export type {
  LegacyClients,
  LinkQuality,
  LinkStats,
  Recovered,
  Recovering,
  RecoveryCause,
  RecoveryStep,
  Wrtc,
} from './link/mod.ts'
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
  ChunkReader,
  Gap,
  GapCause,
  QueuedSamples,
  RemoteStream,
  RemoteStreamEvents,
  RemoteStreamStats,
  RemoteTrack,
  RemoteTrackEvents,
  Subscriber,
  TrackEvent,
} from './receive/mod.ts'
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
export { PeerError, type PeerErrorCode, type TypedTarget } from './shared/mod.ts'
export type { CloseDetail, Permissions, Reconnecting, VerifiedIdentity, WebSocketConstructor } from './signaling/mod.ts'
export type { BufferLimits, Deadline, Delivery, DeliveryOptions, MaxAge, Overflow } from './wire/mod.ts'
