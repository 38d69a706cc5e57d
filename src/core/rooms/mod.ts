/** Rooms: their members, access and moderation. @module */
export { type Asker, denials, notPermitted } from './access.ts'
export type { Membership } from './membership.ts'
export { Moderation } from './moderation.ts'
export { Room, type RoomHost } from './room.ts'
export { Rooms } from './rooms.ts'
