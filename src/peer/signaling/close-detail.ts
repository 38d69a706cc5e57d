import { SignalError, TOKEN_EXPIRED } from '../../protocol/both-ends.ts'
import { PeerError } from '../shared/mod.ts'

/** Why a connection ended, with the fields of a WebSocket's CloseEvent. */
export interface CloseDetail {
  /** A close code (RFC 6455, section 7.4). docs/troubleshooting.md explains each. */
  code: number
  /** May be empty. */
  reason: string
}

/** Why the client itself drops a connection and then reconnects. With 4001 and 4002 the server keeps the session. */
export const INTERRUPTED: CloseDetail = { code: 4001, reason: 'Interrupted' }
export const REPLAY_OVERFLOW: CloseDetail = { code: 1006, reason: 'The replay buffer overflowed' }
export const SILENT: CloseDetail = { code: 4002, reason: 'Silent' }

/** Close codes after which the server would reject a reconnect in the same way. */
const FINAL_CODES: ReadonlySet<number> = new Set([1000, 1003, 1008, 1009])
/** Errors of `hello` that the next attempt may not receive. */
const TEMPORARY: ReadonlySet<string> = new Set(['rate-limited', 'server-full'])

/** Deno reports no code for a cut connection. All other platforms report 1006 (RFC 6455, section 7.4.1). */
export const detailOf = ({ code, reason }: CloseEvent): CloseDetail => ({ code: code || 1006, reason })

/**
 * Expresses the error of an attempt as a close code (RFC 6455, section 7.4.1, and the IANA registry).
 *
 * @returns code 1006 for an error that has no code of its own
 */
export function detailOfError(error: Error): CloseDetail {
  if (error instanceof SignalError) return { code: TEMPORARY.has(error.code) ? 1013 : 1008, reason: error.code }
  if (error instanceof PeerError && error.code === 'closed') return error.cause as CloseDetail
  return { code: 1006, reason: error.message }
}

/** @param renewable whether the next attempt can have a new token */
export const isFinal = ({ code }: CloseDetail, renewable: boolean): boolean =>
  FINAL_CODES.has(code) || (code === TOKEN_EXPIRED && !renewable)

export const closedError = (detail: CloseDetail): PeerError =>
  new PeerError(
    'closed',
    `The connection to the server was closed with ${detail.code} ${detail.reason}`.trimEnd(),
    detail,
  )
