import type { DialectName } from '../dialects/dialect.ts'

interface Base {
  port: number
  /** The server's process. */
  pid: number
  dialect: DialectName
}

/** Connections that do nothing. */
export interface IdleRequest extends Base {
  what: 'idle'
  connections: number
  /** How long they do nothing before memory is looked at, in seconds. */
  settle: number
}

/** Everybody comes at once and enters a room; at some numbers of users it is looked what entering costs by then. */
export interface StormRequest extends Base {
  what: 'storm'
  rooms: number
  joins: number
  /** Numbers of users, ascending; the last is rooms × joins at most. */
  looks: number[]
  /** How long one look takes. */
  seconds: number
}

/** One large room. */
export interface RoomRequest extends Base {
  what: 'room'
  size: number
}

/** What entering costs by the size of the room. */
export interface SizesRequest extends Base {
  what: 'sizes'
  sizes: number[]
  seconds: number
}

export type Request = IdleRequest | StormRequest | RoomRequest | SizesRequest
