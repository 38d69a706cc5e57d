import {
  type AnswerBodies,
  decodeValue,
  type EventBodies,
  type EventName,
  encodeFrame,
  encodeRelay,
  encodeValue,
  encodeWithItems,
  type KeepaliveName,
  MAX_DEPTH,
  Op,
  type OpName,
  RELAY_HEADER_BYTES,
  type RelayName,
  type RequestName,
  type SignalError,
  type SignalErrorBody,
  toJson,
  writePeer,
} from '../../protocol/mod.ts'
import type { ListedRoom, RoomInfo } from '../shared/mod.ts'

/** One message to any number of users. Each codec encodes it at most once. */
export interface Outgoing {
  /** The name of the message's op, for the counts. */
  readonly name: OpName
  binary(): Uint8Array<ArrayBuffer>
  text(): string
}

/** The fields of a request that its answer repeats, so that the client can match the two. */
export interface Ticket {
  seq: number
  callbackId?: unknown
}

/** The result of any request. */
export type Answer = AnswerBodies[RequestName]

const service = 'webrtc'

const lazy = (name: OpName, binary: () => Uint8Array<ArrayBuffer>, text: () => string): Outgoing => {
  let bytes: Uint8Array<ArrayBuffer> | undefined
  let string: string | undefined
  return {
    name,
    binary: () => (bytes ??= binary()),
    text: () => (string ??= text()),
  }
}

/** An event. In JSON, `disconnectPeer` also has the peer's id outside its data. */
export const event = <Name extends EventName>(name: Name, data: EventBodies[Name], id?: number): Outgoing =>
  lazy(
    name,
    () => encodeFrame([Op[name], data]),
    () => toJson({ cmd: name, data, id, service }),
  )

export const answer = (ticket: Ticket, id: number, result: Answer): Outgoing =>
  lazy(
    'ok',
    () => encodeFrame([Op.ok, ticket.seq, result]),
    () => toJson({ data: result, callbackId: ticket.callbackId, id, service }),
  )

export function refusal(ticket: Ticket, id: number, cause: SignalError, peer?: number): Outgoing {
  const error: SignalErrorBody = { ...cause.toJSON(), peer }
  return lazy(
    'error',
    () => encodeFrame([Op.error, ticket.seq, error]),
    () => toJson({ error, callbackId: ticket.callbackId, id, service }),
  )
}

/** A ping or a pong. Only msgpack users receive them. */
export const keepalive = (name: KeepaliveName, received: number): Outgoing =>
  lazy(
    name,
    () => encodeFrame([Op[name], received]),
    () => toJson({ cmd: name, data: received, service }),
  )

export const listing = (rooms: readonly ListedRoom[]): Outgoing =>
  lazy(
    'rooms',
    () => encodeWithItems([Op.rooms, null], rooms.map(encodedOf)),
    () => toJson({ cmd: 'rooms', data: rooms.map(infoOf), service }),
  )

/**
 * An answer that contains a room listing.
 *
 * @param result returns the answer for these rooms, which must be its last value
 */
export const listingAnswer = (
  ticket: Ticket,
  id: number,
  result: (rooms: RoomInfo[]) => Answer,
  rooms: readonly ListedRoom[],
): Outgoing =>
  lazy(
    'ok',
    // `encodeWithItems` replaces the null by the rooms.
    () => encodeWithItems([Op.ok, ticket.seq, result(null as never)], rooms.map(encodedOf)),
    () => toJson({ data: result(rooms.map(infoOf)), callbackId: ticket.callbackId, id, service }),
  )

const encodedOf = ({ encoded }: ListedRoom): Uint8Array => encoded
export const infoOf = ({ info }: ListedRoom): RoomInfo => info

/** A signal from a JSON user or from the host. Its body is a value. */
export const relayValue = (name: RelayName, origin: number, msg: unknown): Outgoing =>
  lazy(
    name,
    () => encodeRelay(Op[name], origin, encodeValue(msg)),
    () => relayText(name, origin, msg),
  )

/**
 * A signal from a msgpack user. It reuses the frame: the origin overwrites the destination in the header. The body is
 * decoded only if the receiver uses JSON.
 *
 * @param frame bytes with the exact header
 */
export function relayBytes(name: RelayName, origin: number, frame: Uint8Array<ArrayBuffer>): Outgoing {
  writePeer(frame, origin)
  return {
    name,
    binary: () => frame,
    text: () => relayText(name, origin, decodeValue(frame.subarray(RELAY_HEADER_BYTES), MAX_DEPTH)),
  }
}

const relayText = (cmd: RelayName, origin: number, msg: unknown): string =>
  toJson({ cmd, data: { id: origin, msg }, id: origin, service })
