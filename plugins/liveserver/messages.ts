import { type RoomInfo, SignalError } from '../../mod.ts'

/** Somebody at a liveserver Router: `send` takes an object and brings it to the user's own router. */
export interface RouterUser {
  id: string
  username?: string
  send(message: object): unknown
}

/** The part of a liveserver Router that is used. */
export interface RouterLike {
  readonly USERS: Readonly<Record<string, RouterUser>>
}

/** A room with the router's ids. */
export interface RouterRoom extends Omit<RoomInfo, 'uuid' | 'initiator' | 'peers'> {
  uuid: string
  initiator: string
  peers: string[]
}

/** The router's id of a user of the service. */
type NameOf = (id: number) => string

/** What passes between two users. */
export const SIGNALS = ['offer', 'answer', 'candidate', 'signal'] as const
const relays: ReadonlySet<unknown> = new Set([...SIGNALS, 'data'])
/** Rooms and users that one message may name, and the length of an id in UTF-16 code units. */
const MAX_TOPICS = 32
const MAX_ID_LENGTH = 256

/** A message of the service as it stands in the JSON envelope (PROTOCOL.md). */
interface Told {
  cmd?: string
  // biome-ignore lint/suspicious/noExplicitAny: of the service's own making; what it is depends on the cmd
  data?: any
}

/** What a user's router is sent for a message of the service; answers, and lists of rooms, it gets as it asks for them. */
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

/** A refusal as a value: the router logs what is thrown, and loses it. Faults are for its log. */
export async function answered(run: () => unknown): Promise<unknown> {
  try {
    return await run()
  } catch (cause) {
    if (!(cause instanceof SignalError)) throw cause
    return { route: 'error', message: [cause.toJSON()] }
  }
}

/** @throws SignalError `bad-frame` for what is no list of `rooms/<id or name>` and `users/<id>` */
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
 * The user that a call of `webrtc/users` is about. The router itself hands over somebody who can be sent to, which nothing
 * that came over a wire can; all others speak for themselves alone.
 *
 * @throws SignalError `bad-frame`, `unauthorized`
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

/** A request as the service reads it. @throws SignalError `bad-frame` for what JSON has no word for */
export const request = (cmd: string, data: unknown): string => toText({ data: { cmd, data } })

/**
 * A signal as the service reads it.
 *
 * @param body a value, or its JSON text
 * @throws SignalError `bad-frame`
 */
export function relay(cmd: string, id: number, body: unknown): string {
  if (typeof body !== 'string') return toText({ data: { cmd, data: { id, msg: body } } })
  try {
    JSON.parse(body)
  } catch (cause) {
    throw SignalError.badFrame('not-json', 'Cannot pass a signal that is not JSON', cause)
  }
  // One whole value, so that it cannot add anything around itself; written anew it might have no end.
  return `{"data":{"cmd":"${cmd}","data":{"id":${id},"msg":${body}}}}`
}

function toText(value: object): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw SignalError.badFrame('not-json', 'Cannot take arguments that JSON has no word for', cause)
  }
}

const wrong = (why: string): SignalError => SignalError.badFrame('wrong-type', `Cannot take the message as ${why}`)
