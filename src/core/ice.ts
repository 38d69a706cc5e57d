import type { Clock, IceAnswer, IceServer, TurnOptions } from './shared/mod.ts'

/** One hour. Clients that stay longer request new credentials in time. */
const DEFAULT_TTL = 3_600_000

export interface IceOptions {
  /** Servers that every user receives. */
  iceServers: readonly IceServer[]
  turn: TurnOptions | undefined
  clock: Clock
}

/**
 * Returns a function that lists the ICE servers for one user. A TURN server gets new credentials for each user.
 *
 * @returns a function of the id that the TURN server's log shows for the user
 */
export function iceFor({ iceServers, turn, clock }: IceOptions): (id: number) => IceAnswer | Promise<IceAnswer> {
  if (turn === undefined) return () => ({ iceServers: [...iceServers] })
  const { urls, secret, ttl = DEFAULT_TTL } = turn
  return async (id) => {
    const now = clock.now()
    const expires = Math.ceil((now + ttl) / 1_000)
    const username = `${expires}:${id}`
    const credential = await sign(secret, username)
    return {
      iceServers: [...iceServers, { urls: [...urls], username, credential }],
      expiresIn: expires * 1_000 - now,
    }
  }
}

/**
 * Computes the credential of time-limited TURN: HMAC-SHA1 of the username, in base64 (draft-uberti-behave-turn-rest-00,
 * section 2.2; coturn's `use-auth-secret`).
 */
async function sign(secret: string, username: string): Promise<string> {
  const utf8 = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), { name: 'HMAC', hash: 'SHA-1' }, false, [
    'sign',
  ])
  const signature = await crypto.subtle.sign('HMAC', key, utf8.encode(username))
  return btoa(String.fromCharCode(...new Uint8Array(signature)))
}
