import * as v from 'valibot'
import { reasonOf } from '../guards/mod.ts'
import { MAX_GROWTH, unfitIn } from '../unicode/names.ts'
import type { Info, RequestBodies } from './bodies.ts'
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

/**
 * Creates a schema for names of rooms and users, for the server. It normalizes and checks a name as `name` of src/guards
 * does.
 *
 * @param longest in UTF-16 code units, in normal form
 */
export const nameSchema = (longest: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    // Check the length first: the time that normalizing takes grows with its square.
    v.maxLength(longest * MAX_GROWTH),
    v.transform((name) => name.normalize()),
    v.maxLength(longest),
    v.check(
      (name) => unfitIn(name) === undefined,
      ({ input }) => `must not have ${unfitIn(input)}`,
    ),
  )

const id = v.custom<number>(isId, 'must be an integer in 1..2^53-1')
/**
 * A map with these fields; other fields are omitted. valibot alone also accepts an array, bytes or a date as an object.
 */
const map = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(v.custom<v.InferInput<v.ObjectSchema<Entries, undefined>>>(isMap, 'must be a map'), v.object(entries))
/** A string with a UTF-8 form. A lone surrogate has none, and would make every strict reader fail. */
const text = v.pipe(
  v.string(),
  v.check((value) => value.isWellFormed(), 'must be well-formed Unicode'),
)
const name = v.pipe(nameSchema(MAX_NAME_LENGTH), v.minLength(1))
/** The bytes of the info bound this name. It may be empty. */
const ownName = nameSchema(MAX_INFO_BYTES)
const info = v.pipe(v.custom<Info>(isMap, 'must be a map'), v.rawTransform(asReceived), v.rawTransform(withName))
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
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const resume = map({
  token: v.pipe(v.string(), v.maxLength(MAX_RESUME_LENGTH)),
  received: count,
})
/** Requests without a body accept any body, as the service before version 1 did. */
const nothing = v.pipe(
  v.unknown(),
  v.transform(() => null),
)
const listing = map({
  subscribe: v.optional(v.boolean()),
  prefix: v.optional(nameSchema(MAX_NAME_LENGTH)),
  after: v.optional(count),
})

const bodies: { [Name in RequestName]: v.GenericSchema<unknown, RequestBodies[Name]> } = {
  hello: map({
    token: v.optional(v.pipe(v.string(), v.maxLength(MAX_TOKEN_LENGTH))),
    info: v.optional(info),
    resume: v.optional(v.lazy((value) => (value === true ? v.literal(true) : resume))),
  }),
  rooms: v.lazy((value) => (isMap(value) ? listing : nothing)),
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
 * Checks the body of a request.
 *
 * @returns a new value with only the fields of the protocol; of `hello` without `connect`, which is checked as a request of
 *   its own
 * @throws SignalError `bad-frame`, reason `wrong-type`; the message names the field
 */
export function checkRequest<Name extends RequestName>(name: Name, body: unknown): RequestBodies[Name] {
  const result = v.safeParse(bodies[name] as v.GenericSchema<unknown, RequestBodies[Name]>, body ?? empty(name))
  if (result.success) return result.output
  const [issue] = result.issues
  const field = [name, v.getDotPath(issue)].filter((part) => part !== null).join('.')
  const message = `Cannot accept the request: ${field} is not valid: ${reasonOf(issue)}`
  throw new SignalError('bad-frame', message, { reason: 'wrong-type', limit: limitOf(field, issue) })
}

/** Returns the name of the limit that a field exceeds, if that is the error. */
function limitOf(field: string, { type, message }: v.BaseIssue<unknown>): string | undefined {
  if (field.endsWith('.name') && type === 'max_length') return 'nameLength'
  // `withName` reports the characters of the name in an info.
  if (field.endsWith('.name') && (type === 'check' || type === 'raw_transform')) return 'nameCharacters'
  return message.startsWith(INFO_TOO_LARGE) ? 'infoBytes' : undefined
}

const INFO_TOO_LARGE: string = `must fit in ${MAX_INFO_BYTES} bytes: `

const empty = (name: RequestName): unknown => (name === 'hello' || name === 'createroom' ? {} : null)

function isMap(value: unknown): boolean {
  return isObject(value) && !ArrayBuffer.isView(value) && !(value instanceof Date)
}

/**
 * Encodes and decodes the info, so that it is what peers will read. This rejects what they could not read (`__proto__`,
 * a function, a lone surrogate, too deep a nesting). The copy is also safe from later changes by the host.
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

/** Checks and normalizes the name in an info, if it is a text. */
function withName({ dataset: { value }, addIssue, NEVER }: v.RawTransformContext<Info>): Info {
  if (typeof value.name !== 'string') return value
  const { output, issues } = v.safeParse(ownName, value.name)
  if (issues === undefined) return { ...value, name: output }
  const path = [{ type: 'object', origin: 'value', input: value, key: 'name', value: value.name }] as const
  addIssue({ message: issues[0].message, path: [...path] })
  return NEVER
}
