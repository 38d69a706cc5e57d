import * as v from 'valibot'
import { type Info, isId, type RoomInfo } from '../protocol/mod.ts'
import { PeerError } from './errors.ts'

/** Somebody else in one's room. */
export interface PeerArrival {
  id: number
  info: Info
  room: number
  /** The id of the side that makes the offer. */
  initiator: number
  link: number
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
}

const id = v.custom<number>(isId, 'must be an id')
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const info = v.optional(v.record(v.string(), v.unknown()), {})

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
  closed: { uuid: number }
  arrival: PeerArrival
  departure: { id: number; room: number }
  ice: { iceServers: RTCIceServer[] }
}

const iceServer = v.custom<RTCIceServer>((value) => typeof value === 'object' && value !== null, 'must be an object')

export const bodies: { [Name in keyof Bodies]: v.GenericSchema<unknown, Bodies[Name]> } = {
  hello: v.object({
    id,
    recovered: v.optional(v.boolean(), false),
    received: v.optional(count, 0),
    rooms: v.optional(v.array(room), []),
    resume: v.optional(v.object({ token: v.string() })),
  }),
  room,
  rooms: v.array(room),
  listing: v.object({ data: v.array(room) }),
  closed: v.object({ uuid: id }),
  arrival: v.object({ id, info, room: id, initiator: id, link: id }),
  departure: v.object({ id, room: id }),
  ice: v.object({ iceServers: v.array(iceServer) }),
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
