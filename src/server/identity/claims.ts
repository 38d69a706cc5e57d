import type { JWTPayload } from 'jose'
import * as v from 'valibot'
import type { Identity } from '../../core/mod.ts'
import { MAX_AUTH_LENGTH, MAX_NAME_LENGTH, nameSchema } from '../../protocol/mod.ts'

/** Maximum number of rooms in a token. */
const MAX_ROOMS = 256

const name = v.pipe(nameSchema(MAX_NAME_LENGTH), v.minLength(1))
const permission = v.optional(v.boolean())

const claims = v.object({
  sub: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(MAX_AUTH_LENGTH),
    v.check((value) => value.isWellFormed()),
  ),
  name: v.optional(name),
  rooms: v.optional(v.pipe(v.array(name), v.maxLength(MAX_ROOMS))),
  create: permission,
  publish: permission,
  subscribe: permission,
  admin: permission,
  exp: v.optional(v.number()),
})

/**
 * Returns the identity in a token's claims.
 *
 * @throws Error that names the missing or invalid claim
 */
export function identityOf(payload: JWTPayload): Identity {
  const result = v.safeParse(claims, payload)
  if (!result.success) throw new Error(`its claim ${v.getDotPath(result.issues[0])} is not what it must be`)
  const { sub: auth, exp, ...permissions } = result.output
  return { auth, ...permissions, ...(exp !== undefined && { expires: exp * 1_000 }) }
}
