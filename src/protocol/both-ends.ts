/**
 * What server and companion have in common. The rest of mod.ts is the server's, and needs libraries that the companion does
 * not load.
 *
 * @module
 */
export type { Check } from '../guards/mod.ts'
export type * from './bodies.ts'
export * from './errors.ts'
export * from './fifo.ts'
export type { AnswerFrame, EventFrame, Frame, KeepaliveFrame, RelayFrame, RequestFrame } from './frame.ts'
export * from './id.ts'
export * from './json.ts'
export * from './limits.ts'
export * from './op.ts'
export * from './relay.ts'
export * from './replay.ts'
export * from './scan.ts'
export * from './server-messages.ts'
export * from './set-newest.ts'
export * from './token-bucket.ts'
export * from './utf8.ts'
