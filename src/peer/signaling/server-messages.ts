import * as v from 'valibot'
import { type Info, isId, type RoomInfo } from '../../protocol/mod.ts'
import { PeerError } from '../shared/mod.ts'
import type { Permissions } from './permissions.ts'

/** Somebody else in one's room. */
export interface PeerArrival {
  id: number
  info: Info
  room: number
  /** The id of the side that makes the offer. */
  initiator: number
  link: number
  /** Said where the peer may not. */
  publish?: boolean | undefined
  subscribe?: boolean | undefined
}

/** Who one is, as the server knows it by a token, and what that permits. */
export interface OwnIdentity extends Permissions {
  auth: string
  name?: string | undefined
  /** Names of rooms, with `*` for any characters; absent for all. */
  rooms?: string[] | undefined
  create: boolean
  admin: boolean
}

/** ICE servers, and for how many milliseconds their credentials are taken; absent for ever. */
export interface IceAnswer {
  iceServers: RTCIceServer[]
  expiresIn?: number | undefined
}

/** One is not in a room any more. */
export interface Kicked {
  uuid: number
  code: string
  reason: string
}

/** The answer to hello. */
export interface Greeting {
  id: number
  /** Whether the session that was asked for goes on; its frames follow. */
  recovered: boolean
  /** Where it goes on: how many frames of it the server has received. */
  received: number
  /** What may be seen, where it does not. */
  rooms: RoomInfo[]
  /** What the session can be gone on with once its connection is lost. */
  resume?: { token: string } | undefined
  /** For servers that want a token: who one is, and for how many milliseconds that is so. */
  identity?: OwnIdentity | undefined
  expiresIn?: number | undefined
  /** Absent where the server has none. */
  ice?: IceAnswer | undefined
}

const id = v.custom<number>(isId, 'must be an id')
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const info = v.optional(v.record(v.string(), v.unknown()), {})

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

/** What the server sends, by what it is about. */
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
    // Credentials that are over already are asked for anew: a session does not fail for them.
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

/** @throws PeerError `bad-server` */
export function readBody<Output>(schema: v.GenericSchema<unknown, Output>, body: unknown): Output {
  const result = v.safeParse(schema, body)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new PeerError(
    'bad-server',
    `Cannot take what the server says as ${v.getDotPath(issue) ?? 'it'} is wrong: ${issue.message}`,
  )
}
