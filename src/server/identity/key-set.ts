import { createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'

/** Finds the key that a token's header names; throws where there is none. */
export type FindKey = (...args: Parameters<ReturnType<typeof createLocalJWKSet>>) => Promise<CryptoKey>

export interface KeySetOptions {
  /** Brings the set as it is now (RFC 7517, section 5). */
  load(): Promise<JSONWebKeySet>
  /** The time, in milliseconds. */
  now(): number
}

/** Keys are asked for again when they are so old, in milliseconds. */
const MAX_AGE = 600_000

/**
 * After an attempt that did not bring the key in question none is made for so long, in milliseconds: no flood of tokens
 * becomes a flood of questions.
 */
const COOLDOWN = 10_000

/**
 * Keys that somebody else keeps and changes. They are loaded when the first token comes, when they are old, and when a
 * token names a key that is not there. Where they cannot be loaded, those that are known stay.
 *
 * jose has the like (`createRemoteJWKSet`), but it forgets its keys when it cannot load new ones, tries again for each
 * token then, and has its own clock.
 */
export function keySet({ load, now }: KeySetOptions): FindKey {
  let keys: FindKey | undefined
  let loadedAt = Number.NEGATIVE_INFINITY
  let fruitlessAt = Number.NEGATIVE_INFINITY
  let loading: Promise<boolean> | undefined
  let failure: unknown

  /** @returns whether the keys are new */
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
      if (keys === undefined) throw new KeysUnavailable('Cannot check a token as its keys cannot be loaded', failure)
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

/** There are no keys yet: the operator's to mend, and no fault of the token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'

  constructor(message: string, cause: unknown) {
    super(message, { cause })
  }
}
