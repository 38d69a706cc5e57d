import {
  decodeValue,
  type EventName,
  encodeEnding,
  encodeFrame,
  encodeRelay,
  encodeValue,
  type KeepaliveOp,
  MAX_DEPTH,
  Op,
  type OpName,
  opName,
  RELAY_HEADER_BYTES,
  type RelayName,
  type SignalError,
  toJson,
} from '../../protocol/mod.ts'
import type { ListedRoom, RoomInfo } from '../shared/mod.ts'

/** One message to users, encoded at most once for each codec however many get it. */
export interface Outgoing {
  /** What it is, for those who count. */
  readonly op: OpName
  binary(): Uint8Array<ArrayBuffer>
  text(): string
}

/** What a request carries so that its answer finds back. */
export interface Ticket {
  seq: number
  callbackId?: unknown
}

const service = 'webrtc'

const lazy = (op: OpName, binary: () => Uint8Array<ArrayBuffer>, text: () => string): Outgoing => {
  let bytes: Uint8Array<ArrayBuffer> | undefined
  let string: string | undefined
  return {
    op,
    binary: () => (bytes ??= binary()),
    text: () => (string ??= text()),
  }
}

/** An event; the JSON of `disconnectPeer` also names the peer outside its data. */
export const event = (name: EventName, data: unknown, id?: number): Outgoing =>
  lazy(
    name,
    () => encodeFrame([Op[name], data]),
    () => toJson({ cmd: name, data, id, service }),
  )

export const answer = (ticket: Ticket, id: number, result: unknown): Outgoing =>
  lazy(
    'ok',
    () => encodeFrame([Op.ok, ticket.seq, result]),
    () => toJson({ data: result, callbackId: ticket.callbackId, id, service }),
  )

export function refusal(ticket: Ticket, id: number, cause: SignalError, peer?: number): Outgoing {
  const error = { ...cause.toJSON(), peer }
  return lazy(
    'error',
    () => encodeFrame([Op.error, ticket.seq, error]),
    () => toJson({ error, callbackId: ticket.callbackId, id, service }),
  )
}

/** A ping or a pong, which users of msgpack alone know. */
export const keepalive = (op: KeepaliveOp, received: number): Outgoing =>
  lazy(
    opName(op) as OpName,
    () => encodeFrame([op, received]),
    () => toJson({ cmd: opName(op), data: received, service }),
  )

/** The event `rooms`. */
export const listing = (rooms: readonly ListedRoom[]): Outgoing =>
  lazy(
    'rooms',
    () => encodeEnding([Op.rooms, null], rooms.map(encodedOf)),
    () => toJson({ cmd: 'rooms', data: rooms.map(infoOf), service }),
  )

/**
 * An answer that has a listing in it.
 *
 * @param result the answer with these rooms in it, last of all
 */
export const listingAnswer = (
  ticket: Ticket,
  id: number,
  result: (rooms: RoomInfo[] | null) => unknown,
  rooms: readonly ListedRoom[],
): Outgoing =>
  lazy(
    'ok',
    () => encodeEnding([Op.ok, ticket.seq, result(null)], rooms.map(encodedOf)),
    () => toJson({ data: result(rooms.map(infoOf)), callbackId: ticket.callbackId, id, service }),
  )

const encodedOf = ({ encoded }: ListedRoom): Uint8Array => encoded
export const infoOf = ({ info }: ListedRoom): RoomInfo => info

/** A signal whose body is a value: from a user of JSON, or from the host. */
export const relayValue = (cmd: RelayName, origin: number, msg: unknown): Outgoing =>
  lazy(
    cmd,
    () => encodeRelay(Op[cmd], origin, encodeValue(msg)),
    () => relayText(cmd, origin, msg),
  )

/**
 * A signal whose body is msgpack, from a user of msgpack: only a user of JSON makes it be decoded.
 *
 * @param frame bytes with the exact header that names the origin already
 */
export const relayBytes = (cmd: RelayName, origin: number, frame: Uint8Array<ArrayBuffer>): Outgoing => ({
  op: cmd,
  binary: () => frame,
  text: () => relayText(cmd, origin, decodeValue(frame.subarray(RELAY_HEADER_BYTES), MAX_DEPTH)),
})

const relayText = (cmd: RelayName, origin: number, msg: unknown): string =>
  toJson({ cmd, data: { id: origin, msg }, id: origin, service })
