import { createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'

/** Returns the key that a token's header names; throws if there is none. */
export type FindKey = (...args: Parameters<ReturnType<typeof createLocalJWKSet>>) => Promise<CryptoKey>

export interface KeySetOptions {
  /** Loads the current key set (RFC 7517, section 5). */
  load(): Promise<JSONWebKeySet>
  /** Returns the time, in milliseconds since any moment. No change of the system time may affect it. */
  now(): number
}

/** Age at which the keys are loaded again, in milliseconds. */
const MAX_AGE = 600_000

/**
 * Pause after an attempt that did not bring the wanted key, in milliseconds. A flood of tokens must not cause a flood
 * of requests to the issuer.
 */
const COOLDOWN = 10_000

/**
 * Finds keys in a set that the issuer stores and changes. It loads the set:
 *
 * - for the first token
 * - when the loaded set is ten minutes old
 * - when a token names a key that is not in it
 *
 * If loading fails, the known keys stay valid.
 *
 * jose has a similar function, `createRemoteJWKSet`. But that drops its keys if it cannot load new ones, and then
 * tries again for each token. It also has its own clock.
 *
 * @returns a function that throws KeysUnavailable if it has no keys and cannot load any
 */
export function keySet({ load, now }: KeySetOptions): FindKey {
  let keys: FindKey | undefined
  let loadedAt = Number.NEGATIVE_INFINITY
  let fruitlessAt = Number.NEGATIVE_INFINITY
  let loading: Promise<boolean> | undefined
  let failure: unknown

  /** @returns whether it loaded new keys */
  const reload = (): Promise<boolean> => {
    if (loading !== undefined) return loading
    if (now() - fruitlessAt < COOLDOWN) return Promise.resolve(false)
    loading = load()
      .then((set) => {
        keys = createLocalJWKSet(set)
        loadedAt = now()
        return true
      })
      .catch((cause) => {
        failure = cause
        fruitlessAt = now()
        return false
      })
      .finally(() => {
        loading = undefined
      })
    return loading
  }

  return async (header, token) => {
    let renewed = now() - loadedAt >= MAX_AGE && (await reload())
    for (;;) {
      if (keys === undefined) throw new KeysUnavailable('Cannot check the token: the key set cannot be loaded', failure)
      try {
        return await keys(header, token)
      } catch (cause) {
        if (!(cause instanceof errors.JWKSNoMatchingKey)) throw cause
        if (renewed) fruitlessAt = now()
        if (renewed || !(await reload())) throw cause
        renewed = true
      }
    }
  }
}

/** The server has no keys and cannot load any. The operator must fix that; the token is not at fault. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'

  constructor(message: string, cause: unknown) {
    super(message, { cause })
  }
}
