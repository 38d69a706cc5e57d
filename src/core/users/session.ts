import { Replay } from '../../protocol/mod.ts'
import type { UserType } from '../shared/mod.ts'

/** What is kept of a user so that it can come back once its connection is lost. */
export interface Session {
  readonly user: UserType
  readonly replay: Replay
  /** The newest token. */
  token: string
  /** The token before it, until something that the client says shows that it has the newest. */
  before?: string
  /** Runs while there is no connection. */
  timer?: unknown
  /** Whether there is no connection. */
  away: boolean
}

/** @param replayBytes bytes that are kept of what the client may not have */
export const newSession = (user: UserType, token: string, replayBytes: number): Session => ({
  user,
  token,
  replay: new Replay(replayBytes),
  away: false,
})

/** Random bytes of a token: 192 bits, which nobody guesses. */
const TOKEN_BYTES = 24

/** A token from the runtime's cryptographic generator, in base64url (RFC 4648, section 5): 32 characters. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
