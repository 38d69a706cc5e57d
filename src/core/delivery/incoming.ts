import {
  decodeFrame,
  type Envelope,
  encodeRelay,
  isId,
  isKeepaliveOp,
  isObject,
  isRelayName,
  isRequestOp,
  type KeepaliveName,
  Op,
  opName,
  parseEnvelope,
  RELAY_HEADER_BYTES,
  type RelayName,
  type RequestName,
  readEnvelope,
  readRelay,
  SignalError,
} from '../../protocol/mod.ts'
import type { Codec } from './delivery.ts'
import type { Ticket } from './outgoing.ts'

/** A message from a user, decoded only as far as its receiver needs. */
export type Incoming =
  | IncomingRelay
  | { kind: 'request'; name: RequestName; body: unknown; ticket: Ticket }
  /** A ping or a pong from a msgpack user. */
  | { kind: 'keepalive'; name: KeepaliveName; received: number; ticket: Ticket }

export interface IncomingRelay {
  kind: 'relay'
  name: RelayName
  /** The destination. */
  peer: number
  ticket: Ticket
  /** From a msgpack user: the frame with the exact header. Its body is not decoded. */
  frame?: Uint8Array<ArrayBuffer>
  /** From a JSON user. */
  msg?: unknown
}

/** For messages that no answer names. */
export const UNNUMBERED: Ticket = Object.freeze({ seq: 0 })

/** One message from a user: text, bytes, or an object that the host has already parsed. */
export type Message = string | Uint8Array<ArrayBuffer> | object

/**
 * Reads one message from a user.
 *
 * @param message text, bytes, or an object that the host has already parsed
 * @param frameBytes largest accepted message, in bytes
 * @throws SignalError `bad-frame`, `frame-too-large`
 */
export function readIncoming(message: Message, codec: Codec, frameBytes: number): Incoming {
  if (message instanceof Uint8Array) {
    checkSize(message.length, frameBytes)
    return codec === 'msgpack' ? readFrame(message, frameBytes) : fromEnvelope(parseEnvelope(utf8(message)))
  }
  if (typeof message !== 'string') return fromEnvelope(readEnvelope(message))
  if (codec === 'msgpack') throw SignalError.badFrame('text-on-binary', 'Cannot take text on a binary connection')
  // A UTF-16 code unit takes at most three bytes in UTF-8. Only long texts need an exact count.
  if (message.length * 3 > frameBytes) checkSize(new TextEncoder().encode(message).length, frameBytes)
  return fromEnvelope(parseEnvelope(message))
}

function readFrame(bytes: Uint8Array<ArrayBuffer>, frameBytes: number): Incoming {
  const relay = readRelay(bytes)
  if (relay !== undefined) {
    const { op, peer } = relay
    const exact = relay.body === RELAY_HEADER_BYTES && bytes[2] === 0xcf
    const frame = exact ? bytes : encodeRelay(op, peer, bytes.subarray(relay.body))
    return { kind: 'relay', name: opName(op) as RelayName, peer, ticket: UNNUMBERED, frame }
  }
  const [op, seq, body] = decodeFrame(bytes, frameBytes)
  if (isKeepaliveOp(op)) {
    return { kind: 'keepalive', name: opName(op) as KeepaliveName, received: seq as number, ticket: UNNUMBERED }
  }
  if (!isRequestOp(op) || body === undefined) {
    throw SignalError.badFrame('unknown-op', `Cannot accept the frame: users do not send the op ${op}`)
  }
  return { kind: 'request', name: opName(op) as RequestName, body, ticket: { seq: seq as number } }
}

function fromEnvelope({ cmd, data, callbackId }: Envelope): Incoming {
  const op = typeof cmd === 'string' && Object.hasOwn(Op, cmd) ? Op[cmd as keyof typeof Op] : undefined
  // If the host parses messages for a msgpack user, the answer carries a numeric callbackId as its seq.
  const seq = Number.isSafeInteger(callbackId) && (callbackId as number) >= 0 ? (callbackId as number) : 0
  const ticket = { seq, callbackId }
  if (isRequestOp(op)) return { kind: 'request', name: cmd as RequestName, body: data, ticket }
  if (!isRelayName(cmd)) {
    throw new UnreadableRequest(
      SignalError.badFrame('unknown-op', 'Cannot accept the message: its cmd is unknown'),
      ticket,
    )
  }
  if (!isObject(data) || !isId(data.id)) {
    const cause = SignalError.badFrame('wrong-type', 'Cannot relay a message: data.id must be an id')
    throw new UnreadableRequest(cause, ticket)
  }
  return { kind: 'relay', name: cmd, peer: data.id, ticket, msg: data.msg ?? null }
}

/** An error in an envelope whose ticket is known, so that the answer can name the request. */
export class UnreadableRequest extends Error {
  override readonly cause: SignalError
  readonly ticket: Ticket

  constructor(cause: SignalError, ticket: Ticket) {
    super(cause.message)
    this.cause = cause
    this.ticket = ticket
  }
}

function checkSize(bytes: number, limit: number): void {
  if (bytes <= limit) return
  throw new SignalError('frame-too-large', `Cannot accept a message of ${bytes} bytes: the limit is ${limit}`, {
    limit: 'frameBytes',
  })
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw SignalError.badFrame('not-json', 'Cannot read a message that is not UTF-8', cause)
  }
}
