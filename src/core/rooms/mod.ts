/** Rooms: who is in them, who may see, enter and moderate them. @module */
export { type Asker, denials, notPermitted } from './access.ts'
export type { Membership } from './membership.ts'
export { Moderation } from './moderation.ts'
export { Room, type RoomHost } from './room.ts'
export { Rooms } from './rooms.ts'
