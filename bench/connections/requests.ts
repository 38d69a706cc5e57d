import type { DialectName } from '../dialects/dialect.ts'

interface Base {
  port: number
  /** Process id of the server. */
  pid: number
  dialect: DialectName
}

/** Opens connections that do nothing. */
export interface IdleRequest extends Base {
  what: 'idle'
  connections: number
  /** Idle time before memory is read, in seconds. */
  settle: number
}

/** All users connect at once and join rooms. At some numbers of users, the bench measures the cost of joining. */
export interface StormRequest extends Base {
  what: 'storm'
  rooms: number
  joins: number
  /** Numbers of users at which joining is measured, ascending; the last is at most rooms × joins. */
  looks: number[]
  /** Duration of one of these measurements. */
  seconds: number
}

/** Fills and empties one large room. */
export interface RoomRequest extends Base {
  what: 'room'
  size: number
}

/** Measures the cost of joining by the size of the room. */
export interface SizesRequest extends Base {
  what: 'sizes'
  sizes: number[]
  seconds: number
}

export type Request = IdleRequest | StormRequest | RoomRequest | SizesRequest
