import type { Info, RoomInfo } from '../../protocol/mod.ts'
import type { Identity } from './identity.ts'

export type { IceAnswer, IceServer, Info, Restrictions, RoomInfo, RoomSettings } from '../../protocol/mod.ts'

/**
 * A user's connection, as the host provides it. Any object with `send` works, such as a `ws` of any WebSocket library
 * or a router's user.
 */
export interface Transport {
  /** Sends one message: a Uint8Array for msgpack users, a string for JSON users. */
  send(data: string | Uint8Array<ArrayBuffer>): unknown
  /** The user's id. If the host sets none, the service does. */
  id?: number
  /** The WebSocket subprotocol; `datastreams.webrtc.v1` selects msgpack, even if the service's default is JSON. */
  readonly protocol?: string
  /**
   * The address that the connection comes from. Connections of one address share a budget (`fanOutPerSecond`) and a part
   * of the limit `bufferedBytes`.
   */
  readonly address?: string | undefined
  /** Whether the address may be a proxy's, which stands for many clients. It then has no part of `bufferedBytes`. */
  readonly isShared?: boolean
  /**
   * Closes the connection with a WebSocket close code (PROTOCOL.md, Close codes). Without it, the service cannot close
   * the connection.
   */
  close?(code?: number, reason?: string): void
  /**
   * Drops what is queued, and ends the connection without a closing handshake. Without it, the service cannot free what
   * a client does not read.
   */
  terminate?(): void
  /**
   * Bytes that `send` has accepted and the network has not. If it is present, the limits `queuedBytes` and
   * `bufferedBytes` apply to it.
   */
  readonly bufferedAmount?: number
}

/** A user of the service, connected or able to resume. */
export interface UserType {
  /** The user's id, an integer in 1..2^53−1. Peers know the user by it. */
  uuid: number
  /** The user's current connection. After a resume, it is another object. */
  ws: Transport
  /** What `restrictions.users` is compared with, as the host or a token says. Empty or absent: it matches nothing. */
  auth?: string
  /** The user's verified identity, if its token or the host provides more than `auth`. */
  identity?: Identity
  /** What the user says about itself. Absent if it has said nothing. Peers receive it with `connect`. */
  info?: Info
}

/** The fields of a room that determine access to it. */
export interface RoomView {
  readonly name: string
  /** The id of the user that created the room. */
  readonly initiator: number
  /** The verified `auth` of that user. */
  readonly maker: string | undefined
  allows(auth: string | undefined, uuid?: number): boolean
}

/** A room's entry in listings. */
export interface ListedRoom {
  /** Frozen, because listings share it. */
  readonly info: RoomInfo
  /** The same entry as msgpack. */
  readonly encoded: Uint8Array
  /** Upper bound of the entry's length as JSON, in characters. */
  readonly length: number
}

/** A command for `connect` and `disconnect`. */
export interface DataType {
  /** The name of the request or signal, such as `connect`. The methods `connect` and `disconnect` ignore it. */
  cmd?: string
  /** The body of the request, as PROTOCOL.md defines it. `disconnect` leaves all rooms without it. */
  data?: unknown
  /** Not used here: the answer repeats the `callbackId` of the whole message. */
  callbackId?: unknown
}

/** A message that the host has already parsed, for `onmessage`. */
export interface MessageType {
  /** The command and its body. */
  data: DataType
  /** Any value that the answer repeats. Without one, a successful signal has no answer. */
  callbackId?: unknown
}
