/** The companion: who else is in a room, and their streams, over WebRTC. Runs in a browser as it is. @module */
export { type Info, type Restrictions, type RoomInfo, SignalError, type SignalErrorCode } from '../protocol/mod.ts'
export { type ClockState, type StreamDescription, StreamError } from '../streams/mod.ts'
export { type ConnectOptions, connect } from './connect.ts'
export type { Reconnecting } from './connection.ts'
export type { BufferLimits, Delivery, DeliveryOptions, Overflow } from './delivery.ts'
export { PeerError, type PeerErrorCode } from './errors.ts'
export type { CloseDetail } from './greeting.ts'
export { type HostedRooms, type HostedRoomsOptions, hostedRooms } from './hosted-rooms.ts'
export type { JoinOptions } from './join-options.ts'
export type { Membership, PushDescription } from './membership.ts'
export type { MembershipEvents, Removed } from './membership-options.ts'
export type { RemotePeerEvents, RemotePeerStats } from './peer-events.ts'
export type { Publication, PublicationEvents, PushPublication } from './publication.ts'
export type { PublicationStats } from './publication-stats.ts'
export type { DescriptionChanges, PublishOptions } from './publish-options.ts'
export type { Recovered, Recovering, RecoveryCause, RecoveryStep } from './recovery.ts'
export type { RemotePeer } from './remote-peer.ts'
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
export type { RoomRecording, RoomRecordingStats } from './room-recording.ts'
export type { OwnIdentity } from './server-messages.ts'
export type { Session, SessionEvents } from './session.ts'
export type { Wrtc } from './simple-peer.ts'
