/** The client's end of a session: connection, requests, resume and rejoin. @module */
export type { Reconnecting } from './connection.ts'
export type { CloseDetail, WebSocketConstructor } from './handshake.ts'
export { checkMayPublish, EVERYTHING, isPublish, type Permissions } from './permissions.ts'
export { readBody } from './read-body.ts'
export { rejoin } from './rejoin.ts'
export { Renewal } from './renewal.ts'
export { Signaling } from './signaling.ts'
export { identityOf, type VerifiedIdentity } from './verified-identity.ts'
