/** The signaling service, apart from any network. @module */

export type { Asker } from './access.ts'
export type { Counts } from './counts.ts'
export { FLOOD } from './dispatcher.ts'
export type { OnEvent, ServiceEvent } from './events.ts'
export type { IceAnswer } from './ice.ts'
export { type Identity, NOBODY } from './identity.ts'
export type { Clock, IceServer, Limits, TurnOptions, WebRTCServiceOptions } from './options.ts'
export { defaultLimits, serverLimits } from './options.ts'
export { Room, type RoomHost } from './room.ts'
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
} from './types.ts'
