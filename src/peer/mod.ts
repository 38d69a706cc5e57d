/** The companion: who else is in a room, and their streams, over WebRTC. Runs in a browser as it is. @module */
export { type Info, type Restrictions, SignalError, type SignalErrorCode } from '../protocol/mod.ts'
export { type ClockState, type StreamDescription, StreamError } from '../streams/mod.ts'
export { type ConnectOptions, connect } from './connect.ts'
export type { BufferLimits, Delivery, DeliveryOptions, Overflow } from './delivery.ts'
export { PeerError, type PeerErrorCode } from './errors.ts'
export type { Membership, MembershipEvents, PushDescription } from './membership.ts'
export type {
  Publication,
  PublicationEvents,
  PublicationStats,
  PushPublication,
} from './publication.ts'
export type { DescriptionChanges, PublishOptions } from './publish-options.ts'
export type { RemotePeer, RemotePeerEvents, RemotePeerStats } from './remote-peer.ts'
export type { Chunk, Gap, RemoteStream, RemoteStreamEvents, RemoteStreamStats, TrackEvent } from './remote-stream.ts'
export type { RemoteTrack, RemoteTrackEvents, Subscriber } from './remote-track.ts'
export type { RoomInfo } from './server-messages.ts'
export type { JoinOptions, Session, SessionEvents } from './session.ts'
export type { Wrtc } from './simple-peer.ts'
