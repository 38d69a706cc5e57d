/** The signaling service, apart from any network. @module */

export type { Asker } from './rooms/access.ts'
export type { Counts } from './shared/counts.ts'
export { FLOOD } from './dispatcher.ts'
export type { OnEvent, ServiceEvent } from './shared/events.ts'
export type { IceAnswer } from './ice.ts'
export { type Identity, NOBODY } from './shared/identity.ts'
export type { Clock, IceServer, Limits, TurnOptions, WebRTCServiceOptions } from './shared/options.ts'
export { defaultLimits, serverLimits } from './shared/options.ts'
export { Room, type RoomHost } from './rooms/room.ts'
export { WebRTCService } from './service.ts'
export type {
  DataType,
  Info,
  MessageType,
  Restrictions,
  RoomInfo,
  RoomSettings,
  Transport,
  UserType,
} from './shared/types.ts'
