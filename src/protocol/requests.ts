import * as v from 'valibot'
import { decodeValue, encodeValue } from './codec.ts'
import { SignalError } from './errors.ts'
import { isId } from './id.ts'
import { isObject } from './json.ts'
import {
  MAX_ALLOWED_USERS,
  MAX_AUTH_LENGTH,
  MAX_INFO_BYTES,
  MAX_NAME_LENGTH,
  MAX_REASON_LENGTH,
  MAX_RESTRICTIONS_BYTES,
  MAX_RESUME_LENGTH,
  MAX_TOKEN_LENGTH,
} from './limits.ts'
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

/** A session to go on with: its newest token, and how many frames of it were received. */
export interface Resume {
  token: string
  received: number
}

/** The bodies of the requests, by name. */
export interface RequestBodies {
  /** `resume`: true to be kept for a while once the connection is lost; else which session to go on with. */
  hello: { token?: string; info?: Info; resume?: true | Resume }
  rooms: null
  createroom: RoomSettings
  connect: { room: RoomSettings & { uuid?: number }; info?: Info; create?: boolean }
  disconnect: { uuid?: number } | null
  info: Info
  ice: null
  closeroom: { uuid: number; reason?: string }
  /** `uuid` is the room's, `peer` who is to leave it. */
  kick: { uuid: number; peer: number; reason?: string }
  /** What restricts the room from now on, instead of what did. */
  restrict: { uuid: number; restrictions: Restrictions }
}

const id = v.custom<number>(isId, 'must be an integer in 1..2^53-1')
/** A map with these fields and no others; valibot alone takes an array, bytes or a date as an object without fields. */
const map = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(v.custom<v.InferInput<v.ObjectSchema<Entries, undefined>>>(isMap, 'must be a map'), v.object(entries))
/** A string that has a UTF-8 form: half a surrogate pair has none, and would stop every strict reader it is told to. */
const text = v.pipe(
  v.string(),
  v.check((value) => value.isWellFormed(), 'must be well-formed Unicode'),
)
const CONTROL_CHARACTERS = 'must have no control characters'
/** Not what would garble a list, a log or a terminal: control characters, and those that break lines or turn them around. */
const name = v.pipe(
  text,
  v.minLength(1),
  v.maxLength(MAX_NAME_LENGTH),
  v.check((value) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(value), CONTROL_CHARACTERS),
)
const info = v.pipe(v.custom<Info>(isMap, 'must be a map'), v.rawTransform(asReceived))
const restrictions = v.pipe(
  map({
    users: v.optional(v.pipe(v.array(v.pipe(text, v.maxLength(MAX_AUTH_LENGTH))), v.maxLength(MAX_ALLOWED_USERS))),
    max: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  }),
  v.check(
    (value) => encodeValue(value).length <= MAX_RESTRICTIONS_BYTES,
    `must fit in ${MAX_RESTRICTIONS_BYTES} bytes`,
  ),
)
const roomSettings = {
  name: v.optional(name),
  restrictions: v.optional(restrictions),
}
const reason = v.optional(v.pipe(text, v.maxLength(MAX_REASON_LENGTH)))
const resume = map({
  token: v.pipe(v.string(), v.maxLength(MAX_RESUME_LENGTH)),
  received: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
})
/** Requests that need nothing take whatever is sent, as the service before version 1 did. */
const nothing = v.pipe(
  v.unknown(),
  v.transform(() => null),
)

const bodies: { [Name in RequestName]: v.GenericSchema<unknown, RequestBodies[Name]> } = {
  hello: map({
    token: v.optional(v.pipe(v.string(), v.maxLength(MAX_TOKEN_LENGTH))),
    info: v.optional(info),
    resume: v.optional(v.lazy((value) => (value === true ? v.literal(true) : resume))),
  }),
  rooms: nothing,
  createroom: map(roomSettings),
  connect: map({
    room: v.pipe(
      map({ uuid: v.optional(id), ...roomSettings }),
      v.check((room) => room.uuid !== undefined || room.name !== undefined, 'must have a uuid or a name'),
    ),
    info: v.optional(info),
    create: v.optional(v.boolean()),
  }),
  disconnect: v.nullable(map({ uuid: v.optional(id) })),
  info,
  ice: nothing,
  closeroom: map({ uuid: id, reason }),
  kick: map({ uuid: id, peer: id, reason }),
  restrict: map({ uuid: id, restrictions }),
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
  const message = `Cannot take the request as ${field} is wrong: ${issue.message}`
  throw new SignalError('bad-frame', message, { reason: 'wrong-type', limit: limitOf(field, issue) })
}

/** The limit that a field is beyond, if that is what is wrong. */
function limitOf(field: string, { type, message }: v.BaseIssue<unknown>): string | undefined {
  if (field.endsWith('.name') && type === 'max_length') return 'nameLength'
  if (message === CONTROL_CHARACTERS) return 'nameCharacters'
  return message.startsWith(INFO_TOO_LARGE) ? 'infoBytes' : undefined
}

const INFO_TOO_LARGE: string = `must fit in ${MAX_INFO_BYTES} bytes: `

const empty = (name: RequestName): unknown => (name === 'hello' || name === 'createroom' ? {} : null)

function isMap(value: unknown): boolean {
  return isObject(value) && !ArrayBuffer.isView(value) && !(value instanceof Date)
}

/**
 * The info as those who are told it will read it: so what they could not read (`__proto__`, a function, half a surrogate
 * pair, too deep a nesting) is refused here, and a host that goes on changing its object changes nothing.
 */
function asReceived({ dataset, addIssue, NEVER }: v.RawTransformContext<Info>): Info {
  try {
    const bytes = encodeValue(dataset.value)
    if (bytes.length <= MAX_INFO_BYTES) return decodeValue(bytes) as Info
    addIssue({ message: `${INFO_TOO_LARGE}it has ${bytes.length}` })
  } catch (cause) {
    addIssue({ message: (cause as SignalError).message })
  }
  return NEVER
}
