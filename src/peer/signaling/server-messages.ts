import * as v from 'valibot'
import { type Info, isId, MAX_INFO_BYTES, type RoomInfo } from '../../protocol/mod.ts'
import { reasonOf } from '../../unicode/issues.ts'
import { toName } from '../../unicode/names.ts'
import { PeerError } from '../shared/mod.ts'
import type { Permissions } from './permissions.ts'

/** A peer in a room of this user: the body of the event `connect`. */
export interface PeerArrival {
  id: number
  info: Info
  room: number
  /** The id of the user that sends the offer. */
  initiator: number
  link: number
  /** Both are false if the peer lacks the permission, and absent otherwise. */
  publish?: boolean | undefined
  subscribe?: boolean | undefined
}

/** The identity and permissions of this user's token. */
export interface OwnIdentity extends Permissions {
  auth: string
  name?: string | undefined
  /** The names of permitted rooms, where `*` matches any characters; absent if all are permitted. */
  rooms?: string[] | undefined
  create: boolean
  admin: boolean
}

/** ICE servers, and how many milliseconds their credentials stay valid; absent if they never expire. */
export interface IceAnswer {
  iceServers: RTCIceServer[]
  expiresIn?: number | undefined
}

/** The server removed this user from a room. */
export interface Kicked {
  uuid: number
  code: string
  reason: string
}

/** The answer to hello. */
export interface Greeting {
  id: number
  /** Whether the session resumed. If so, the frames that the client lacks follow. */
  recovered: boolean
  /** How many frames of the resumed session the server has received. */
  received: number
  /** The rooms that the user may see; empty if the session resumed. */
  rooms: RoomInfo[]
  /** The token that resumes the session after its connection is lost. */
  resume?: { token: string } | undefined
  /** On a closed server: the token's identity, and how many milliseconds the token stays valid. */
  identity?: OwnIdentity | undefined
  expiresIn?: number | undefined
  /** Absent if the server has no ICE servers. */
  ice?: IceAnswer | undefined
}

const id = v.custom<number>(isId, 'must be an id')
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** A server of another project may accept any name. It is changed instead of rejected, so that the session goes on. */
const readable = (info: Info): Info =>
  typeof info.name === 'string' ? { ...info, name: toName(info.name, MAX_INFO_BYTES) } : info
const info = v.optional(v.pipe(v.record(v.string(), v.unknown()), v.transform(readable)), {})

const permission = v.optional(v.boolean())
const expiresIn = v.optional(v.pipe(v.number(), v.minValue(0)))
const identity = v.object({
  auth: v.string(),
  name: v.optional(v.string()),
  rooms: v.optional(v.array(v.string())),
  create: v.boolean(),
  publish: v.boolean(),
  subscribe: v.boolean(),
  admin: v.boolean(),
})

const room: v.GenericSchema<unknown, RoomInfo> = v.object({
  uuid: id,
  name: v.string(),
  initiator: v.number(),
  restrictions: v.object({ users: v.optional(v.array(v.string())), max: v.optional(v.number()) }),
  peers: v.array(id),
})

/** The bodies of the server's messages. */
interface Bodies {
  hello: Greeting
  room: RoomInfo
  rooms: RoomInfo[]
  listing: { data: RoomInfo[] }
  closed: { uuid: number; reason?: string | undefined }
  kicked: Kicked
  arrival: PeerArrival
  departure: { id: number; room: number }
  ice: IceAnswer
}

const iceServer = v.custom<RTCIceServer>((value) => typeof value === 'object' && value !== null, 'must be an object')
const iceServers = v.array(iceServer)

export const bodies: { [Name in keyof Bodies]: v.GenericSchema<unknown, Bodies[Name]> } = {
  hello: v.object({
    id,
    recovered: v.optional(v.boolean(), false),
    received: v.optional(count, 0),
    rooms: v.optional(v.array(room), []),
    resume: v.optional(v.object({ token: v.string() })),
    identity: v.optional(identity),
    expiresIn,
    // Accept a negative `expiresIn`: the client requests expired credentials again, and the session must not fail.
    ice: v.optional(v.object({ iceServers, expiresIn: v.optional(v.number()) })),
  }),
  room,
  rooms: v.array(room),
  listing: v.object({ data: v.array(room) }),
  closed: v.object({ uuid: id, reason: v.optional(v.string()) }),
  kicked: v.object({ uuid: id, code: v.string(), reason: v.optional(v.string(), '') }),
  arrival: v.object({ id, info, room: id, initiator: id, link: id, publish: permission, subscribe: permission }),
  departure: v.object({ id, room: id }),
  ice: v.object({ iceServers, expiresIn }),
}

/** Validates the body of a message from the server. @throws PeerError `bad-server` */
export function readBody<Output>(schema: v.GenericSchema<unknown, Output>, body: unknown): Output {
  const result = v.safeParse(schema, body)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new PeerError(
    'bad-server',
    `Cannot read the server's message: ${v.getDotPath(issue) ?? 'it'} is not valid: ${reasonOf(issue)}`,
  )
}
