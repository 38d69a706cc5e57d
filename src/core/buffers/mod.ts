/** Bounds the memory in which messages wait for users. @module */
export { Buffers } from './buffers.ts'
export { CountedReplay } from './counted-replay.ts'
