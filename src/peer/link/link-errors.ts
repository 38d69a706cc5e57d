import { PeerError } from '../shared/mod.ts'

/** Codes of simple-peer for a description that is none: the other side's fault, and another link would be no better. */
const HOPELESS: ReadonlySet<unknown> = new Set(['ERR_SET_REMOTE_DESCRIPTION', 'ERR_SIGNALING'])
/** Codes of simple-peer for a track that was added to the same stream before. */
const MISUSE: ReadonlySet<unknown> = new Set(['ERR_SENDER_REMOVED', 'ERR_SENDER_ALREADY_ADDED'])

/** @returns why there will be no other link; undefined where another may work */
export const failureOf = (cause: Error): PeerError | undefined =>
  HOPELESS.has(codeOf(cause)) ? refusalOf(cause) : undefined

/** @returns why a description was refused, where that is its own fault */
export function refusalOf(cause: Error): PeerError | undefined {
  // A connection that was closed in the middle of it takes no description.
  if (cause.name === 'InvalidStateError') return undefined
  return new PeerError('link-failed', `The link failed: ${cause.message}`, cause)
}

/** Whether whoever adds a track may not: the connection is as it was. */
export const isMisuse = (cause: unknown): boolean => MISUSE.has(codeOf(cause))

/** Whether a track cannot be removed because it could not be added. */
export const wasNeverAdded = (cause: unknown): boolean => codeOf(cause) === 'ERR_TRACK_NOT_ADDED'

const codeOf = (cause: unknown): unknown => (cause as { code?: unknown } | undefined)?.code
