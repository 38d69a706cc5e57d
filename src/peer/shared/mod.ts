/** Errors, timing and typed events that the whole companion uses. @module */
export { closeQuietly } from './close-quietly.ts'
export { PeerError, type PeerErrorCode } from './errors.ts'
export { afterSeconds, realTiming, type Timing, waitBefore } from './timing.ts'
export { emit, TypedEventTarget, type TypedTarget } from './typed-events.ts'
export { unlessAborted } from './unless-aborted.ts'
