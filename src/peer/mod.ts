/** The companion: who else is in a room, and their streams, over WebRTC. Runs in a browser as it is. @module */
export { type Info, type Restrictions, type RoomInfo, SignalError, type SignalErrorCode } from '../protocol/mod.ts'
export { type ClockState, type StreamDescription, StreamError } from '../streams/mod.ts'
export { type ConnectOptions, connect } from './connect.ts'
export type { Reconnecting } from './signaling/connection.ts'
export type { BufferLimits, Delivery, DeliveryOptions, Overflow } from './wire/delivery.ts'
export { PeerError, type PeerErrorCode } from './shared/errors.ts'
export type { CloseDetail } from './signaling/handshake.ts'
export { type HostedRooms, type HostedRoomsOptions, hostedRooms } from './hosted-rooms.ts'
export type { JoinOptions } from './room/join-options.ts'
export type { Membership, PushDescription } from './room/membership.ts'
export type { MembershipEvents, Removed } from './room/membership-options.ts'
export type { RemotePeerEvents, RemotePeerStats } from './room/peer-events.ts'
export type { Publication, PublicationEvents, PushPublication } from './publish/publication.ts'
export type { PublicationStats } from './publish/publication-stats.ts'
export type { DescriptionChanges, PublishOptions } from './publish/publish-options.ts'
export type { Recovered, Recovering, RecoveryCause, RecoveryStep } from './link/recovery.ts'
export type { RemotePeer } from './room/remote-peer.ts'
export type {
  Chunk,
  Gap,
  GapCause,
  RemoteStream,
  RemoteStreamEvents,
  RemoteStreamStats,
  TrackEvent,
} from './receive/remote-stream.ts'
export type { RemoteTrack, RemoteTrackEvents, Subscriber } from './receive/remote-track.ts'
export type { RoomRecording, RoomRecordingStats } from './recording/room-recording.ts'
export type { OwnIdentity } from './signaling/server-messages.ts'
export type { Session, SessionEvents } from './room/session.ts'
export type { Wrtc } from './link/simple-peer.ts'
