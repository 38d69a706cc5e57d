import * as v from 'valibot'
import { encodeValue } from './codec.ts'
import { SignalError } from './errors.ts'
import { isId } from './id.ts'
import { MAX_ALLOWED_USERS, MAX_AUTH_LENGTH, MAX_INFO_BYTES, MAX_NAME_LENGTH, MAX_TOKEN_LENGTH } from './limits.ts'
import type { RequestName } from './op.ts'

/** What a user says about itself; everybody in its rooms sees it. At most 4 KiB of msgpack. */
export type Info = Record<string, unknown>

/** Who may enter a room, and how many: `users` lists `auth` values. */
export interface Restrictions {
  users?: string[]
  max?: number
}

export interface RoomSettings {
  name?: string
  restrictions?: Restrictions
}

/** The bodies of the requests, by name. */
export interface RequestBodies {
  hello: { token?: string; info?: Info; resume?: { token: string; received: number } }
  rooms: null
  createroom: RoomSettings
  connect: { room: RoomSettings & { uuid?: number }; info?: Info; create?: boolean }
  disconnect: { uuid?: number } | null
  info: Info
  ice: null
}

const id = v.custom<number>(isId, 'must be an integer in 1..2^53-1')
const info = v.pipe(
  v.record(v.string(), v.unknown()),
  v.check((value) => encodedWithin(value, MAX_INFO_BYTES), `must fit in ${MAX_INFO_BYTES} bytes`),
)
const restrictions = v.object({
  users: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(MAX_AUTH_LENGTH))), v.maxLength(MAX_ALLOWED_USERS))),
  max: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
})
const roomSettings = {
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_NAME_LENGTH))),
  restrictions: v.optional(restrictions),
}
/** Requests that need nothing take whatever is sent, as the service before version 1 did. */
const nothing = v.pipe(
  v.unknown(),
  v.transform(() => null),
)

const bodies: { [Name in RequestName]: v.GenericSchema<unknown, RequestBodies[Name]> } = {
  hello: v.object({
    token: v.optional(v.pipe(v.string(), v.maxLength(MAX_TOKEN_LENGTH))),
    info: v.optional(info),
    resume: v.optional(v.object({ token: v.string(), received: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) })),
  }),
  rooms: nothing,
  createroom: v.object(roomSettings),
  connect: v.object({
    room: v.pipe(
      v.object({ uuid: v.optional(id), ...roomSettings }),
      v.check((room) => room.uuid !== undefined || room.name !== undefined, 'must have a uuid or a name'),
    ),
    info: v.optional(info),
    create: v.optional(v.boolean()),
  }),
  disconnect: v.nullable(v.object({ uuid: v.optional(id) })),
  info,
  ice: nothing,
}

/**
 * The body of a request, checked.
 *
 * @returns a new value of exactly the fields that the protocol has
 * @throws SignalError `bad-frame`, reason `wrong-type`, that names the field
 */
export function checkRequest<Name extends RequestName>(name: Name, body: unknown): RequestBodies[Name] {
  const result = v.safeParse(bodies[name] as v.GenericSchema<unknown, RequestBodies[Name]>, body ?? empty(name))
  if (result.success) return result.output
  const [issue] = result.issues
  const field = [name, v.getDotPath(issue)].filter((part) => part !== null).join('.')
  throw SignalError.badFrame('wrong-type', `Cannot take the request as ${field} is wrong: ${issue.message}`)
}

const empty = (name: RequestName): unknown => (name === 'hello' || name === 'createroom' ? {} : null)

function encodedWithin(value: unknown, limit: number): boolean {
  try {
    return encodeValue(value).length <= limit
  } catch {
    // Deeper than a frame may be, or holding what msgpack cannot say (a function, a symbol): as unfit as too large.
    return false
  }
}
