#!/usr/bin/env node
/**
 * The signaling server for live device streams between browsers and gateways. Run as a program, this file starts the
 * server.
 *
 * @module
 */
export {
  type Asker,
  type Clock,
  type Counts,
  type DataType,
  type EndCounts,
  type IceAnswer,
  type IceServer,
  type Identity,
  type Info,
  type Limits,
  type Message,
  type MessageType,
  type OnEvent,
  type Received,
  type Restrictions,
  type ResumeCounts,
  Room,
  type RoomInfo,
  type RoomSettings,
  type ServiceEvent,
  type Tally,
  type Transport,
  type TurnOptions,
  type UserType,
  WebRTCService,
  type WebRTCServiceOptions,
} from './src/core/mod.ts'
export {
  type AnswerFrame,
  type AnswerOp,
  decodeFrame,
  type EventFrame,
  type EventName,
  type EventOp,
  encodeFrame,
  type Frame,
  type KeepaliveFrame,
  type KeepaliveName,
  type KeepaliveOp,
  Op,
  type OpName,
  type RelayFrame,
  type RelayName,
  type RelayOp,
  type RequestFrame,
  type RequestName,
  type RequestOp,
  SignalError,
  type SignalErrorBody,
  type SignalErrorCode,
  type SignalErrorReason,
  SUBPROTOCOL,
} from './src/protocol/mod.ts'
export {
  type AppOptions,
  createApp,
  createLog,
  createService,
  type Identify,
  type Log,
  type LogFields,
  type LogFormat,
  type LogLevel,
  type LogOptions,
  type RunningServer,
  type ServeOptions,
  serve,
  type TokenOptions,
  type WebOptions,
} from './src/server/mod.ts'

if (import.meta.main) {
  const { main } = await import('./src/commands/main.ts')
  await main()
}
