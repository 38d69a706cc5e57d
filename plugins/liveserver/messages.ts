import { type RoomInfo, SignalError } from '../../src/mod.ts'

/** A user of a liveserver Router. `send` delivers an object to the user's own router. */
export interface RouterUser {
  /** The user's id in the router, at most 256 UTF-16 code units. It becomes the user's `auth`. */
  id: string
  /** The user's name, for the other peers. Absent if the user has none. */
  username?: string
  /** Delivers a message to the user's own router. */
  send(message: object): unknown
}

/** The part of a liveserver Router that this plugin uses. */
export interface RouterLike {
  /** The users of the router, by id. */
  readonly USERS: Readonly<Record<string, RouterUser>>
}

/** A room with string ids, as the router uses them. */
export interface RouterRoom extends Omit<RoomInfo, 'uuid' | 'initiator' | 'peers'> {
  /** The uuid of the room, in decimal. */
  uuid: string
  /** The id of the user that created the room; `0` for the server itself. */
  initiator: string
  /** The ids of the users in the room. A user of another host has its number, in decimal. */
  peers: string[]
}

/** Returns the router's id of a user of the service. */
type NameOf = (id: number) => string

/** Signals between two users. */
export const SIGNALS = ['offer', 'answer', 'candidate', 'signal'] as const
const relays: ReadonlySet<unknown> = new Set([...SIGNALS, 'data'])
/** Most topics in one message, and the longest id in UTF-16 code units. */
const MAX_TOPICS = 32
const MAX_ID_LENGTH = 256

/** A message of the service in the JSON envelope (PROTOCOL.md). */
interface Told {
  cmd?: string
  // biome-ignore lint/suspicious/noExplicitAny: the service wrote it, and its type depends on cmd
  data?: any
}

/**
 * Translates a message of the service for a user's router. Returns undefined for answers and lists of rooms, because
 * routes return those.
 */
export function notification({ cmd, data }: Told, nameOf: NameOf): object | undefined {
  if (cmd === undefined || cmd === 'rooms') return undefined
  const route = `webrtc/${cmd}`
  if (relays.has(cmd)) {
    const id = nameOf(data.id)
    return { route, message: [id, JSON.stringify(data.msg)], id }
  }
  if (cmd === 'connect') {
    const { id, initiator, room, ...rest } = data
    return { route, message: [{ ...rest, id: nameOf(id), initiator: nameOf(initiator), room: String(room) }] }
  }
  if (cmd === 'disconnectPeer') return { route, message: [nameOf(data.id), String(data.room)] }
  if (cmd === 'roomadded' || cmd === 'roomchanged') return { route, message: [routerRoom(data, nameOf)] }
  return { route, message: [{ ...data, uuid: String(data.uuid) }] }
}

export const routerRoom = (room: RoomInfo, nameOf: NameOf): RouterRoom => ({
  ...room,
  uuid: String(room.uuid),
  initiator: nameOf(room.initiator),
  peers: room.peers.map(nameOf),
})

/** Returns a SignalError as an answer: the router would only log a thrown error. Rethrows bugs, for that log. */
export async function answered(run: () => unknown): Promise<unknown> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof SignalError)) throw cause
    return { route: 'error', message: [cause.toJSON()] }
  }
}

/** @throws SignalError `bad-frame` if `topics` is not a list of `rooms/<id or name>` and `users/<id>` */
export function readTopics(topics: unknown): [kind: 'rooms' | 'users', name: string][] {
  if (!Array.isArray(topics) || topics.length > MAX_TOPICS) {
    throw wrong(`topics must be a list of ${MAX_TOPICS} at most, of rooms/<id or name> and users/<id>`)
  }
  return topics.map((topic) => {
    const [, kind, name] = (typeof topic === 'string' && /^(rooms|users)\/(.+)$/s.exec(topic)) || []
    if (kind === undefined || name === undefined) throw wrong('each topic must be rooms/<id or name> or users/<id>')
    return [kind as 'rooms' | 'users', name]
  })
}

/**
 * Reads the user in a call of `webrtc/users`. Only the router itself can pass a user with a `send` function, because
 * JSON carries no functions. Every other caller may act only for itself.
 *
 * @throws SignalError `bad-frame`, or `unauthorized` if a user acts for another user
 */
export function readUser(given: unknown, origin: unknown): { id: string; user: RouterUser | undefined } {
  const { id, send } = (typeof given === 'object' && given !== null ? given : { id: given }) as Partial<RouterUser>
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH) {
    throw wrong(`a user's id must be a string of 1 to ${MAX_ID_LENGTH} characters`)
  }
  const user = typeof send === 'function' ? (given as RouterUser) : undefined
  if (user !== undefined || id === origin) return { id, user }
  throw new SignalError('unauthorized', 'Cannot act for another user of the router')
}

/** Encodes a request for the service. @throws SignalError `bad-frame` if JSON cannot represent `data` */
export const request = (cmd: string, data: unknown): string => toText({ data: { cmd, data } })

/**
 * Encodes a signal for the service.
 *
 * @param body a value, or its JSON text
 * @throws SignalError `bad-frame` if the text is not JSON, or JSON cannot represent the value
 */
export function relay(cmd: string, id: number, body: unknown): string {
  if (typeof body !== 'string') return toText({ data: { cmd, data: { id, msg: body } } })
  try {
    JSON.parse(body)
  } catch (cause) {
    throw SignalError.badFrame('not-json', 'Cannot pass a signal that is not JSON', cause)
  }
  // The text is one complete JSON value, so it cannot add fields to the message. Insert it as it is: serializing the
  // parsed value again could exceed the stack.
  return `{"data":{"cmd":"${cmd}","data":{"id":${id},"msg":${body}}}}`
}

function toText(value: object): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw SignalError.badFrame('not-json', 'Cannot take arguments that JSON has no word for', cause)
  }
}

const wrong = (why: string): SignalError => SignalError.badFrame('wrong-type', `Cannot accept the message: ${why}`)
