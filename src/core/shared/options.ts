import { MAX_INFO_BYTES, MAX_NAME_LENGTH } from '../../protocol/mod.ts'
import type { OnEvent } from './events.ts'
import type { Identity } from './identity.ts'

/** Time, injected so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  setTimeout(callback: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

/** Bounds on everything that grows. */
export interface Limits {
  /**
   * Most messages that one user sends in a second, on average; ten times as many at once. Beyond, messages are refused,
   * and who does not slow down within a second is closed with 1008.
   *
   * @default Infinity; 1000 for a server of this package
   */
  framesPerSecond: number
  /** Most bytes that one user sends in a second, in the same way. @default Infinity; 2097152 for a server of this package */
  bytesPerSecond: number
  /** Largest message from a user, in bytes. @default 262144 */
  frameBytes: number
  /** Most bytes that wait for one user; beyond, the user is closed with 1013. @default 4194304 */
  queuedBytes: number
  /** Most bytes that are kept for one user until it says that they came. @default 1048576 */
  replayBytes: number
  /** Most users that are connected, and most that are kept without a connection. @default 100000 */
  users: number
  /** Most rooms. @default 10000 */
  rooms: number
  /** Most rooms that one user is in. @default 32 */
  roomsPerUser: number
  /** Most rooms at a time that one user has made. @default Infinity; 100 for a server of this package */
  roomsMadePerUser: number
  /** Most peers in a room, whatever its own `max` says. @default 1024 */
  peersPerRoom: number
  /** Most rooms that a listing names. @default 1000 */
  listedRooms: number
  /** Most characters that a listing takes as JSON; rooms that would go beyond are left out. @default 1048576 */
  listedLength: number
  /** How long a connection has to say a hello with a token, where one is wanted, in milliseconds. @default 10000 */
  helloTime: number
  /** Largest `info` of a user, in bytes of msgpack; no more than 4096. @default 4096 */
  infoBytes: number
  /** Longest name of a room, in UTF-16 code units; no more than 128. @default 128 */
  nameLength: number
}

/** An ICE server, as `RTCConfiguration` takes it (W3C WebRTC, RTCIceServer). */
export interface IceServer {
  urls: string | string[]
  username?: string
  credential?: string
}

/** A TURN server whose credentials are made for each user, with a secret that it shares (coturn: `use-auth-secret`). */
export interface TurnOptions {
  /** Such as `turn:turn.example.org:3478?transport=udp`. */
  urls: string[]
  secret: string
  /** How long credentials are taken, in milliseconds. @default 3600000 */
  ttl?: number
}

export interface WebRTCServiceOptions {
  /** What users speak whose `ws.protocol` does not decide it. @default 'msgpack' */
  codec?: 'msgpack' | 'json'
  /**
   * Turns the token in `hello` into the user's `auth`, or into an identity, which says more; throws a SignalError to
   * refuse it. Without it, users keep the `auth` that the host gave to `addUser`, and a token is refused.
   */
  authenticate?: (token: string) => string | Identity | Promise<string | Identity>
  /**
   * Whether nobody may do or see anything before a `hello` with a token that stands for an identity; what the host says
   * to `addUser` counts for nothing then. @default false
   */
  requireToken?: boolean
  /** ICE servers for everybody who is let in. @default [] */
  iceServers?: IceServer[]
  /** A TURN server for everybody who is let in. @default none */
  turn?: TurnOptions
  limits?: Partial<Limits>
  /** How long a room stays when nobody is in it, in milliseconds. @default 300000 */
  emptyRoomTtl?: number
  /** How long a user that asked for it is kept once its connection is lost, in milliseconds; 0 for never. @default 30000 */
  resumeGrace?: number
  clock?: Clock
  /** Hears what happens to users and rooms, for a log. */
  onevent?: OnEvent
}

export const defaultLimits: Limits = {
  framesPerSecond: Number.POSITIVE_INFINITY,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  frameBytes: 262_144,
  queuedBytes: 4_194_304,
  replayBytes: 1_048_576,
  users: 100_000,
  rooms: 10_000,
  roomsPerUser: 32,
  roomsMadePerUser: Number.POSITIVE_INFINITY,
  peersPerRoom: 1_024,
  listedRooms: 1_000,
  listedLength: 1_048_576,
  helloTime: 10_000,
  infoBytes: MAX_INFO_BYTES,
  nameLength: MAX_NAME_LENGTH,
}

/** What a server that strangers reach adds to these: a host that embeds the service knows who its users are. */
export const serverLimits: Partial<Limits> = {
  framesPerSecond: 1_000,
  bytesPerSecond: 2_097_152,
  roomsMadePerUser: 100,
}

/** Five minutes, as in the service before version 1. */
export const defaultEmptyRoomTtl = 300_000

/** Half a minute, in which a laptop changes its network. */
export const defaultResumeGrace = 30_000

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, ms) {
    const timer: unknown = setTimeout(callback, ms)
    // A host that has nothing else to do may end; only Node, Bun and Deno have a say in that.
    ;(timer as { unref?: () => void }).unref?.()
    return timer
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
}
