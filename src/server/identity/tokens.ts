import { createLocalJWKSet, errors, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { Identity } from '../../core/mod.ts'
import { SignalError } from '../../protocol/mod.ts'
import { UsageError } from '../shared/usage-error.ts'
import { identityOf } from './claims.ts'
import { KeysUnavailable, keySet } from './key-set.ts'

/** Whose tokens (JWT, RFC 7519) the server accepts. Exactly one of `secret` and `jwks` is required. */
export interface TokenOptions {
  /** Secret that the server shares with the issuer, for HS256; 32 bytes or more (RFC 7518, section 3.2). */
  secret?: string
  /** URL or file of the issuer's JWK Set (RFC 7517), for RS256, ES256 and EdDSA. */
  jwks?: string
  /** The `aud` that a token must have. @default any, or none */
  audience?: string
  /** The `iss` that a token must have. @default any, or none */
  issuer?: string
}

/** The clock, files and log that a token checker uses. */
export interface TokenWorld {
  /** Returns the time, in milliseconds since the epoch; tokens expire by it. */
  now(): number
  readText(path: string): Promise<string>
  /** Reports to the operator why the server cannot check tokens. */
  complain(message: string): void
}

/** Timeout for loading a key set from a URL, in milliseconds. */
const FETCH_TIMEOUT = 5_000

/**
 * Checks that a key file is usable. So the operator sees an error at the start, not with the first user. The function
 * does not check a URL, because the issuer's server may be unavailable for a while.
 *
 * @throws UsageError if the file is not a JWK Set; what `readText` throws
 */
export async function checkKeyFile({ jwks }: TokenOptions, readText: TokenWorld['readText']): Promise<void> {
  if (jwks === undefined || isUrl(jwks)) return
  const text = await readText(jwks)
  try {
    createLocalJWKSet(JSON.parse(text))
  } catch (cause) {
    const message = `Cannot read keys from ${jwks}: it must be a JSON Web Key Set: ${(cause as Error).message}`
    throw new UsageError(message, { cause })
  }
}

/**
 * Creates a function that checks tokens: the signature, `exp`, `nbf`, `aud` and `iss`. It accepts only algorithms of
 * the kind that the key is for.
 *
 * @returns a function that takes a token and returns its bearer's identity; it throws a SignalError `unauthorized`
 * @throws TypeError unless there is exactly one of `secret` and `jwks`, and the secret is not empty
 */
export function tokenChecker(options: TokenOptions, world: TokenWorld): (token: string) => Promise<Identity> {
  const verify = verifier(options, world)
  return async (token) => {
    try {
      return identityOf((await verify(token)).payload)
    } catch (cause) {
      if (cause instanceof KeysUnavailable) world.complain(`${cause.message}: ${(cause.cause as Error)?.message}`)
      throw new SignalError('unauthorized', `Cannot accept the token: ${whyNot(cause)}`, { cause })
    }
  }
}

function verifier({ secret, jwks, audience, issuer }: TokenOptions, world: TokenWorld) {
  const claims = (): JWTVerifyOptions => ({ audience, issuer, currentDate: new Date(world.now()) })
  if ((secret === undefined) === (jwks === undefined) || secret === '') {
    throw new TypeError('Cannot check tokens: configure either a secret or a key set')
  }
  if (secret !== undefined) {
    const key = new TextEncoder().encode(secret)
    return (token: string) => jwtVerify(token, key, { ...claims(), algorithms: ['HS256'] })
  }
  const keys = keySet({
    now: () => performance.now(),
    load: async () => JSON.parse(await textAt(jwks as string, world)),
  })
  return (token: string) => jwtVerify(token, keys, { ...claims(), algorithms: ['RS256', 'ES256', 'EdDSA'] })
}

async function textAt(place: string, { readText }: TokenWorld): Promise<string> {
  if (!isUrl(place)) return readText(place)
  const response = await fetch(place, { signal: AbortSignal.timeout(FETCH_TIMEOUT) })
  if (!response.ok) throw new Error(`${place} answers ${response.status}`)
  return response.text()
}

const isUrl = (place: string): boolean => /^https?:\/\//i.test(place)

/** The bearer may not be the user that the issuer meant. So the reason reveals only what the token itself contains. */
function whyNot(cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return 'it has expired'
  if (cause instanceof errors.JWTClaimValidationFailed) return `its claim ${cause.claim} is not what it must be`
  if (cause instanceof errors.JOSEError) return 'it is not signed by who issues tokens here'
  if (cause instanceof KeysUnavailable) return 'its signature cannot be checked now'
  return (cause as Error).message
}
