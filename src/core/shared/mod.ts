/** Types, options and counts for every folder of the core. @module */
export { type Counts, count, type EndCounts, noCounts, type ResumeCounts, type Tally, tally } from './counts.ts'
export { ignoreEvent, type OnEvent, type ServiceEvent } from './events.ts'
export { type Identity, NOBODY, namesRoom } from './identity.ts'
export {
  type Clock,
  defaultEmptyRoomTtl,
  defaultLimits,
  defaultResumeGrace,
  instant,
  type Limits,
  serverLimits,
  systemClock,
  type TurnOptions,
  type WebRTCServiceOptions,
} from './options.ts'
export type {
  DataType,
  IceAnswer,
  IceServer,
  Info,
  ListedRoom,
  MessageType,
  Restrictions,
  RoomInfo,
  RoomSettings,
  RoomView,
  Transport,
  UserType,
} from './types.ts'
