import { createLocalJWKSet, errors, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { Identity } from '../../core/mod.ts'
import { SignalError } from '../../protocol/mod.ts'
import { UsageError } from '../shared/usage-error.ts'
import { identityOf } from './claims.ts'
import { KeysUnavailable, keySet } from './key-set.ts'

/** Whose tokens (JWT, RFC 7519) are taken: one of `secret` and `jwks`. */
export interface TokenOptions {
  /** Shared with who issues them, for HS256; of 32 bytes or more (RFC 7518, section 3.2). */
  secret?: string
  /** Keys of who issues them, for RS256, ES256 and EdDSA: where a JWK Set (RFC 7517) is, a URL or a file. */
  jwks?: string
  /** The `aud` that a token must have. @default any, or none */
  audience?: string
  /** The `iss` that a token must have. @default any, or none */
  issuer?: string
}

/** What is outside of the tokens. */
export interface TokenWorld {
  /** The time, in milliseconds since the epoch. */
  now(): number
  readText(path: string): Promise<string>
  /** Hears why tokens cannot be checked; for the operator. */
  complain(message: string): void
}

/** How long a set of keys may take to come, in milliseconds. */
const PATIENCE = 5_000

/**
 * Looks whether keys that are in a file can be used: what is wrong there is better told at the start than to the first
 * who comes. An issuer's server may well be away for a while.
 *
 * @throws UsageError; what `readText` throws
 */
export async function checkKeyFile({ jwks }: TokenOptions, readText: TokenWorld['readText']): Promise<void> {
  if (jwks === undefined || isUrl(jwks)) return
  const text = await readText(jwks)
  try {
    createLocalJWKSet(JSON.parse(text))
  } catch (cause) {
    const message = `Cannot take keys from ${jwks} as it must be a JSON Web Key Set: ${(cause as Error).message}`
    throw new UsageError(message, { cause })
  }
}

/**
 * What checks a token: its signature, by an algorithm of the kind that its key is for, `exp`, `nbf`, `aud` and `iss`.
 *
 * @returns a function that takes a token and returns who its bearer is; it throws a SignalError `unauthorized`
 * @throws TypeError where there is not one of `secret` and `jwks`
 */
export function tokenChecker(options: TokenOptions, world: TokenWorld): (token: string) => Promise<Identity> {
  const verify = verifier(options, world)
  return async (token) => {
    try {
      return identityOf((await verify(token)).payload)
    } catch (cause) {
      if (cause instanceof KeysUnavailable) world.complain(`${cause.message}: ${(cause.cause as Error)?.message}`)
      throw new SignalError('unauthorized', `Cannot take that token: ${whyNot(cause)}`, { cause })
    }
  }
}

function verifier({ secret, jwks, audience, issuer }: TokenOptions, world: TokenWorld) {
  // An empty `aud` or `iss` is none that a token could have, and would let every one in.
  const claims = (): JWTVerifyOptions => ({ audience, issuer, currentDate: new Date(world.now()) })
  if ((secret === undefined) === (jwks === undefined) || secret === '') {
    throw new TypeError('Cannot check tokens as there must be a secret or a set of keys, and not both')
  }
  if (secret !== undefined) {
    const key = new TextEncoder().encode(secret)
    return (token: string) => jwtVerify(token, key, { ...claims(), algorithms: ['HS256'] })
  }
  const keys = keySet({ now: world.now, load: async () => JSON.parse(await textAt(jwks as string, world)) })
  return (token: string) => jwtVerify(token, keys, { ...claims(), algorithms: ['RS256', 'ES256', 'EdDSA'] })
}

async function textAt(place: string, { readText }: TokenWorld): Promise<string> {
  if (!isUrl(place)) return readText(place)
  const response = await fetch(place, { signal: AbortSignal.timeout(PATIENCE) })
  if (!response.ok) throw new Error(`${place} answers ${response.status}`)
  return response.text()
}

const isUrl = (place: string): boolean => /^https?:\/\//i.test(place)

/** For its bearer, who may not be who it was issued to: no more than what it says itself. */
function whyNot(cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return 'it has expired'
  if (cause instanceof errors.JWTClaimValidationFailed) return `its claim ${cause.claim} is not what it must be`
  if (cause instanceof errors.JOSEError) return 'it is not signed by who issues tokens here'
  if (cause instanceof KeysUnavailable) return 'its signature cannot be checked now'
  return (cause as Error).message
}
