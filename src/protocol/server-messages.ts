import * as v from '../guards/mod.ts'
import { toName } from '../unicode/names.ts'
import type { AnswerBodies, EventBodies, IceServer, Info } from './bodies.ts'
import type { SignalErrorCode, SignalErrorReason } from './errors.ts'
import { isId } from './id.ts'
import { isObject } from './json.ts'
import { MAX_INFO_BYTES } from './limits.ts'
import type { EventName, RequestName } from './op.ts'

const id: v.Check<number> = v.custom(isId, 'be an id')
/** A server of another project may accept any name. It is changed instead of rejected, so that the session goes on. */
const readable: v.Check<string> = (value) => toName(v.string(value), MAX_INFO_BYTES)
const info: v.Check<Info> = (value) => {
  const info = v.record(value)
  return typeof info.name === 'string' ? { ...info, name: readable(info.name) } : info
}
const verifiedName = v.optional(readable)
const permission = v.optional(v.boolean)
const peer = { id, info: v.optional(info, {}), room: id }
const room = v.object({
  uuid: id,
  name: v.string,
  initiator: v.number,
  restrictions: v.object({ users: v.optional(v.array(v.string)), max: v.optional(v.number) }),
  peers: v.array(id),
})
const rooms = v.array(room)
const closed = v.object({ cmd: v.oneOf('roomclosed') })
const iceServers = v.array(v.custom<IceServer>(isObject, 'be an object'))
const expiresIn = v.optional(v.custom<number>((value) => v.number(value) >= 0, 'be 0 or more'))
/** Allows a negative `expiresIn`: the client requests expired credentials again, and the session must not fail. */
const greetedIce = v.optional(v.object({ iceServers, expiresIn: v.optional(v.number) }))
/** Unknown codes and reasons are valid: a later version may add some. */
const refused = v.object({
  code: v.string as v.Check<SignalErrorCode>,
  reason: v.string as v.Check<SignalErrorReason>,
  message: v.string,
  retryAfter: v.optional(v.number),
})
const identity = v.object({
  auth: v.string,
  name: verifiedName,
  rooms: v.optional(v.array(v.string)),
  create: v.boolean,
  publish: v.boolean,
  subscribe: v.boolean,
  admin: v.boolean,
})

/**
 * Validate the results of requests for a client. They drop unknown fields, and fill in absent ones that the companion can
 * do without.
 */
export const answerSchemas: { [Name in RequestName]: v.Check<AnswerBodies[Name]> } = {
  hello: v.object({
    id,
    recovered: v.optional(v.boolean, false),
    received: v.optional(v.count, 0),
    rooms: v.optional(rooms),
    room: v.optional(room),
    refused: v.optional(refused),
    resume: v.optional(v.object({ token: v.string, grace: v.optional(v.number, 0) })),
    identity: v.optional(identity),
    expiresIn,
    ice: greetedIce,
  }),
  rooms: v.object({ cmd: v.optional(v.oneOf('rooms'), 'rooms'), next: v.optional(v.count), data: rooms }),
  createroom: room,
  connect: room,
  disconnect: closed,
  info,
  ice: v.object({ iceServers, expiresIn }),
  closeroom: closed,
  kick: v.oneOf(null),
  restrict: room,
}

/** Validate the bodies of events, in the same way. */
export const eventSchemas: { [Name in EventName]: v.Check<EventBodies[Name]> } = {
  welcome: v.object({
    version: v.number,
    id,
    frameBytes: v.number,
    recovered: v.boolean,
    joins: v.optional(v.boolean),
    ice: greetedIce,
  }),
  rooms,
  roomadded: room,
  roomclosed: v.object({ uuid: id, reason: v.optional(v.string) }),
  connect: v.object({
    ...peer,
    verified: v.optional(v.boolean),
    auth: v.optional(v.string),
    name: verifiedName,
    initiator: id,
    link: id,
    publish: permission,
    subscribe: permission,
  }),
  disconnectPeer: v.object(peer),
  kicked: v.object({ uuid: id, code: v.string, reason: v.optional(v.string, '') }),
  roomchanged: room,
}
