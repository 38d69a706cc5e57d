import { PeerError } from '../shared/mod.ts'

/** simple-peer's codes for an invalid description. The other peer causes it, so another link would fail too. */
const INVALID_DESCRIPTION: ReadonlySet<unknown> = new Set(['ERR_SET_REMOTE_DESCRIPTION', 'ERR_SIGNALING'])
/** simple-peer's codes for a track that was added to the same stream before. */
const MISUSE: ReadonlySet<unknown> = new Set(['ERR_SENDER_REMOVED', 'ERR_SENDER_ALREADY_ADDED'])

/** @returns the error that rules out another link; undefined if another link may work */
export const failureOf = (cause: Error): PeerError | undefined =>
  INVALID_DESCRIPTION.has(codeOf(cause)) ? descriptionError(cause) : undefined

/** @returns PeerError `link-failed` if the description is invalid; undefined if the connection closed meanwhile */
export function descriptionError(cause: Error): PeerError | undefined {
  // A connection that closes during the call rejects any description.
  if (cause.name === 'InvalidStateError') return undefined
  return new PeerError('link-failed', `The link failed: ${cause.message}`, cause)
}

/** Whether the caller added a track wrongly. The connection is then unchanged. */
export const isMisuse = (cause: unknown): boolean => MISUSE.has(codeOf(cause))

/** Whether removing a track failed because adding it had failed. */
export const wasNeverAdded = (cause: unknown): boolean => codeOf(cause) === 'ERR_TRACK_NOT_ADDED'

const codeOf = (cause: unknown): unknown => (cause as { code?: unknown } | undefined)?.code
