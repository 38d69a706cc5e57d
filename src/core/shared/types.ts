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
   * Where the connection comes from. All connections of one address share a part of the limit `bufferedBytes`. Without
   * an address, a connection has no such part.
   */
  readonly address?: string
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
  uuid: number
  ws: Transport
  auth?: string
  /** The user's verified identity, if its token or the host provides more than `auth`. */
  identity?: Identity
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
  cmd?: string
  data?: unknown
  callbackId?: unknown
}

/** A message that the host has already parsed, for `onmessage`. */
export interface MessageType {
  data: DataType
  callbackId?: unknown
}
