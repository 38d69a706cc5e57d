/** Sessions, rooms and the peers in them. @module */
export { ClientSession } from './client-session.ts'
export type { JoinOptions } from './join-options.ts'
export type { Membership, MembershipEvents, PushDescription, Removed } from './membership.ts'
export { Memberships } from './memberships.ts'
export type { RemotePeer, RemotePeerEvents, RemotePeerStats } from './remote-peer.ts'
export type { Session, SessionEvents } from './session.ts'
