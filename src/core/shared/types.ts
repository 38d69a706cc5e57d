import type { Info, RoomInfo } from '../../protocol/mod.ts'
import type { Identity } from './identity.ts'

export type { Info, Restrictions, RoomInfo, RoomSettings } from '../../protocol/mod.ts'

/**
 * A user's connection as its host hands it over: anything that sends. A `ws` of any WebSocket library fits, and so does
 * a router's user.
 */
export interface Transport {
  /** Takes one message: a Uint8Array for users of msgpack, a string for users of JSON. */
  send(data: string | Uint8Array<ArrayBuffer>): unknown
  /** The user's id; given by the service where the host gives none. */
  id?: number
  /** The WebSocket subprotocol; `datastreams.webrtc.v1` selects msgpack whatever the service's default. */
  readonly protocol?: string
  close?(code?: number, reason?: string): void
  /** Bytes that `send` took and the network has not; a transport that tells is held to the limit. */
  readonly bufferedAmount?: number
}

/** Somebody connected. */
export interface UserType {
  uuid: number
  ws: Transport
  auth?: string
  /** What is known of the user beyond its `auth`, where its token says more. */
  identity?: Identity
  info?: Info
}

/** A room, as far as access to it depends on it. */
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
  /** The same as msgpack. */
  readonly encoded: Uint8Array
  /** The most characters that it takes as JSON. */
  readonly length: number
}

/** A command, as `connect` and `disconnect` take it. */
export interface DataType {
  cmd?: string
  data?: unknown
  callbackId?: unknown
}

/** What `onmessage` takes beside text and bytes: a message that the host has parsed. */
export interface MessageType {
  data: DataType
  callbackId?: unknown
}
