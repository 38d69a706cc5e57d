/** Sessions, rooms and the peers in them. @module */
export type { JoinOptions } from './join-options.ts'
export type { Membership, PushDescription } from './membership.ts'
export type { MembershipEvents, Removed } from './membership-options.ts'
export { Memberships } from './memberships.ts'
export type { RemotePeerEvents, RemotePeerStats } from './peer-events.ts'
export type { RemotePeer } from './remote-peer.ts'
export { Session, type SessionEvents } from './session.ts'
