import type { Clock, IceServer, TurnOptions } from './shared/mod.ts'

/** What a user is told about ICE servers. */
export interface IceAnswer {
  iceServers: IceServer[]
  /** How long their credentials are taken, in milliseconds; absent where they are for good. */
  expiresIn?: number
}

/** An hour: those who stay longer ask again in time. */
const DEFAULT_TTL = 3_600_000

export interface IceOptions {
  /** The same for everybody. */
  iceServers: readonly IceServer[]
  turn: TurnOptions | undefined
  clock: Clock
}

/**
 * The ICE servers for one user after the other, with credentials for each where there is a TURN server.
 *
 * @returns a function that takes the id which the TURN server's log has for the user
 */
export function iceFor({ iceServers, turn, clock }: IceOptions): (id: number) => IceAnswer | Promise<IceAnswer> {
  if (turn === undefined) return () => ({ iceServers: [...iceServers] })
  const { urls, secret, ttl = DEFAULT_TTL } = turn
  return async (id) => {
    const expires = Math.ceil((clock.now() + ttl) / 1_000)
    const username = `${expires}:${id}`
    const credential = await sign(secret, username)
    return {
      iceServers: [...iceServers, { urls: [...urls], username, credential }],
      expiresIn: expires * 1_000 - clock.now(),
    }
  }
}

/**
 * The credential of time-limited TURN (draft-uberti-behave-turn-rest-00, section 2.2; coturn's `use-auth-secret`):
 * HMAC-SHA1 of the username, in base64.
 */
async function sign(secret: string, username: string): Promise<string> {
  const utf8 = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), { name: 'HMAC', hash: 'SHA-1' }, false, [
    'sign',
  ])
  const signature = await crypto.subtle.sign('HMAC', key, utf8.encode(username))
  return btoa(String.fromCharCode(...new Uint8Array(signature)))
}
