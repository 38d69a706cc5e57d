import { type Buffers, CountedReplay } from '../buffers/mod.ts'
import type { UserType } from '../shared/mod.ts'

/** The state that a user needs to resume after its connection is lost. */
export interface Session {
  readonly user: UserType
  readonly replay: CountedReplay
  /** The newest token. */
  token: string
  /** The previous token. It stays valid until a message shows that the client has the newest one. */
  before?: string
  /** The grace timer; it runs while the user is disconnected. */
  timer?: unknown
  /** Whether the user is disconnected. */
  away: boolean
}

/** @param replayBytes most bytes that the session buffers until the client acknowledges them */
export function newSession(user: UserType, token: string, replayBytes: number, buffers: Buffers): Session {
  const session = { user, token, away: false }
  return Object.assign(session, { replay: new CountedReplay(replayBytes, session, buffers) })
}

/** Random bytes of a token: 192 bits, which nobody can guess. */
const TOKEN_BYTES = 24

/** Returns a token from the runtime's cryptographic generator, in base64url (RFC 4648, section 5): 32 characters. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
