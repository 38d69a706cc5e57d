/** The signaling service, independent of any network. @module */

export type { Message } from './delivery/mod.ts'
export { FLOOD, type Received } from './dispatcher.ts'
export { type Asker, Room } from './rooms/mod.ts'
export { WebRTCService } from './service.ts'
export {
  type Clock,
  type Counts,
  type DataType,
  defaultLimits,
  type EndCounts,
  type IceAnswer,
  type IceServer,
  type Identity,
  type Info,
  type Limits,
  type MessageType,
  NOBODY,
  type OnEvent,
  type Restrictions,
  type ResumeCounts,
  type RoomInfo,
  type RoomSettings,
  type ServiceEvent,
  serverLimits,
  type Tally,
  type Transport,
  type TurnOptions,
  type UserType,
  type WebRTCServiceOptions,
} from './shared/mod.ts'
