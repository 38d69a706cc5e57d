import { type IceServer, MAX_INFO_BYTES, MAX_NAME_LENGTH } from '../../protocol/mod.ts'
import type { OnEvent } from './events.ts'
import type { Identity } from './identity.ts'

/** A source of time. It is injected so that tests need not wait. */
export interface Clock {
  /** Returns milliseconds since the epoch. Tokens and TURN credentials expire by this clock. */
  now(): number
  /**
   * Returns milliseconds since any moment. Durations are measured by this clock, because a change of the system time does
   * not affect it.
   *
   * @default now
   */
  monotonic?(): number
  /** Calls `callback` once after `ms` milliseconds. Returns the timer, for `clearTimeout`. */
  setTimeout(callback: () => void, ms: number): unknown
  /** Cancels a timer that `setTimeout` returned. Does nothing if it has fired. */
  clearTimeout(timer: unknown): void
}

/** Limits on everything that can grow. */
export interface Limits {
  /**
   * Most messages that one user may send per second, on average. A burst may have ten times as many. The service
   * rejects messages above the limit. If the user does not slow down within a second, it is closed with 1008.
   *
   * @default Infinity; 1000 for a server of this package
   */
  framesPerSecond: number
  /**
   * Most bytes that one user may send per second, on average. A burst may have ten times as many.
   *
   * @default Infinity; 2097152 for a server of this package
   */
  bytesPerSecond: number
  /**
   * Most bytes per second that the requests of one connection may make the service send, to others and in answers. In
   * the long run they are at most 50 for each byte that it has sent. A burst may have four times as many. Connections
   * from one address share four times as many, with bursts of 512 times; and so do connections of one verified identity.
   * All users share 8 times as many, with bursts of 256 times.
   *
   * @default Infinity; 262144 for a server of this package
   */
  fanOutPerSecond: number
  /** Largest message from a user, in bytes. @default 262144 */
  frameBytes: number
  /** Most bytes that may be queued for one user. Above it, the user is closed with 1013. @default 4194304 */
  queuedBytes: number
  /** Most bytes that the service buffers for one user until the client acknowledges them. @default 1048576 */
  replayBytes: number
  /**
   * Most bytes that the service holds for all users together: those that connections queue, and those that it buffers
   * until clients acknowledge them. Each message counts some more bytes for what it costs the runtime. A message to
   * several users counts for each of them. All connections of one address may hold a quarter of this, and so may all
   * users of one `sub`. Beyond that, the service ends sessions and connections: those first whose oldest message has
   * waited longest.
   *
   * @default 268435456; a quarter of the memory for a server of this package
   */
  bufferedBytes: number
  /** Most connected users, and separately most disconnected users that can still resume. @default 100000 */
  users: number
  /** Most rooms. @default 10000 */
  rooms: number
  /** Most rooms that one user may be in. @default 32 */
  roomsPerUser: number
  /** Most existing rooms that one user may own. @default Infinity; 100 for a server of this package */
  roomsMadePerUser: number
  /**
   * Most users that receive announcements of rooms that they are not in: those that subscribe, and JSON users, which
   * need not. Above it, the service rejects subscriptions, and further JSON users receive no announcements.
   *
   * @default 500
   */
  announcedUsers: number
  /** Most peers in a room, even if its own `max` is higher. @default 1024 */
  peersPerRoom: number
  /** Most rooms in one page of a listing. @default 1000 */
  listedRooms: number
  /** Most characters of such a page in JSON. @default 1048576 */
  listedLength: number
  /** If a token is required: how long a user has to send it in a hello, in milliseconds. @default 10000 */
  helloTime: number
  /** Largest `info` of a user, in bytes of msgpack; at most 4096. @default 4096 */
  infoBytes: number
  /** Longest room name, in UTF-16 code units; at most 128. @default 128 */
  nameLength: number
}

/**
 * A TURN server that shares a secret with the service (coturn: `use-auth-secret`). Each user receives its own
 * credentials.
 */
export interface TurnOptions {
  /** For example `turn:turn.example.org:3478?transport=udp`. */
  urls: string[]
  /** The `static-auth-secret` of coturn. Only the service and the TURN server know it. */
  secret: string
  /** How long credentials are valid, in milliseconds. @default 3600000 */
  ttl?: number
}

/** The options of a service. Each has a default. */
export interface WebRTCServiceOptions {
  /** The codec of users whose `ws.protocol` does not select msgpack. @default 'msgpack' */
  codec?: 'msgpack' | 'json'
  /**
   * Returns the `auth` or the identity that the token of a `hello` stands for; an identity contains more. It throws a
   * SignalError to reject the token. Without this option, users keep the `auth` from `addUser`, and the service rejects
   * every token.
   */
  authenticate?: (token: string) => string | Identity | Promise<string | Identity>
  /**
   * Whether a user can do and see nothing before a `hello` with a token that stands for an identity. A plain `auth`
   * that the host passes to `addUser` then has no effect.
   *
   * @default false
   */
  requireToken?: boolean
  /** ICE servers for every admitted user. @default [] */
  iceServers?: IceServer[]
  /** A TURN server for every admitted user. @default none */
  turn?: TurnOptions
  /** Limits that replace the defaults. @default the defaults of `Limits` */
  limits?: Partial<Limits>
  /** How long an empty room stays, in milliseconds. @default 300000 */
  emptyRoomTtl?: number
  /**
   * How long a disconnected user can resume if it has requested that, in milliseconds; 0 disables resuming.
   *
   * @default 30000
   */
  resumeGrace?: number
  /** The time and the timers of the service. @default the system's */
  clock?: Clock
  /** Called for each event of users and rooms, for a log. */
  onevent?: OnEvent
}

/** The limits of a service whose options set none. `serverLimits` has stricter ones for a server. */
export const defaultLimits: Limits = {
  framesPerSecond: Number.POSITIVE_INFINITY,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  fanOutPerSecond: Number.POSITIVE_INFINITY,
  frameBytes: 262_144,
  queuedBytes: 4_194_304,
  replayBytes: 1_048_576,
  bufferedBytes: 268_435_456,
  users: 100_000,
  rooms: 10_000,
  roomsPerUser: 32,
  roomsMadePerUser: Number.POSITIVE_INFINITY,
  announcedUsers: 500,
  peersPerRoom: 1_024,
  listedRooms: 1_000,
  listedLength: 1_048_576,
  helloTime: 10_000,
  infoBytes: MAX_INFO_BYTES,
  nameLength: MAX_NAME_LENGTH,
}

/** Additional limits for a server that is open to strangers. A host that embeds the service knows its users. */
export const serverLimits: Partial<Limits> = {
  framesPerSecond: 1_000,
  bytesPerSecond: 2_097_152,
  fanOutPerSecond: 262_144,
  roomsMadePerUser: 100,
}

/** Five minutes, as in the service before version 1. */
export const defaultEmptyRoomTtl = 300_000

/** Half a minute: a laptop can change its network in that time. */
export const defaultResumeGrace = 30_000

/** Returns the time from which and to which a duration is measured. */
export const instant = (clock: Clock): number => clock.monotonic?.() ?? clock.now()

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, ms) {
    const timer: unknown = setTimeout(callback, ms)
    // Do not keep the process alive for this timer. `unref` exists only in Node, Bun and Deno.
    ;(timer as { unref?: () => void }).unref?.()
    return timer
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
}
