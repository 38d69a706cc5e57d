/** The signaling service, apart from any network. @module */
export type { Counts } from './counts.ts'
export type { Clock, IceServer, Limits, WebRTCServiceOptions } from './options.ts'
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
