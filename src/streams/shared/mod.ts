/** Errors, limits and clocks that every folder of `streams` uses. @module */
export { StreamError, type StreamErrorCode } from './errors.ts'
export { join } from './join.ts'
export { MAX_CHUNK_BYTES, MAX_DESCRIPTION_BYTES, MAX_MESSAGE_BYTES, MAX_TEXT_LENGTH } from './limits.ts'
export { clockStep, type Now, now } from './now.ts'
export { platformTimers, type Timers } from './timers.ts'
