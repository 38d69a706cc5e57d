import { SignalError, type SignalErrorBody } from './errors.ts'
import { isId } from './id.ts'
import {
  type AnswerOp,
  type EventOp,
  isEventOp,
  isKeepaliveOp,
  isRelayOp,
  isRequestOp,
  type KeepaliveOp,
  Op,
  opName,
  type RelayOp,
  type RequestOp,
} from './op.ts'
import { encodeRelay } from './relay.ts'

/** `[op, peer, body]`: `peer` is the destination when a client sends it, and the origin when a client receives it. */
export type RelayFrame = [op: RelayOp, peer: number, body: unknown]
/** `[op, seq, body]`: the answer repeats `seq` (0..2^53−1). */
export type RequestFrame = [op: RequestOp, seq: number, body: unknown]
/** `[ok, seq, result]` or `[error, seq, {code, reason, message}]`. An error that answers no request has `seq` 0. */
export type AnswerFrame = [op: AnswerOp, seq: number, body: unknown]
/** `[op, body]` */
export type EventFrame = [op: EventOp, body: unknown]
/**
 * `[ping, received]` or `[pong, received]`: how many frames the sender has received from the other end, as `Replay`
 * counts.
 */
export type KeepaliveFrame = [op: KeepaliveOp, received: number]

/** Any frame of version 1. The first element decides the form (PROTOCOL.md, Frames). */
export type Frame = RelayFrame | RequestFrame | AnswerFrame | EventFrame | KeepaliveFrame

/**
 * Encodes a frame with either coder of msgpack. The server's is in codec.ts, the companion's in peer/wire/codec.ts.
 *
 * @param encode encodes the body of a relay, and any other frame as a whole
 */
export function writeFrame(frame: Frame, encode: (value: unknown) => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  checkShape(frame)
  return isRelayOp(frame[0]) ? encodeRelay(frame[0], frame[1] as number, encode(frame[2])) : encode(frame)
}

/** Decodes a frame with either coder. `decode` checks depth and lengths. */
export function readFrame(bytes: Uint8Array, maxBytes: number, decode: (bytes: Uint8Array) => unknown): Frame {
  if (bytes.length > maxBytes) {
    throw new SignalError('frame-too-large', `Cannot accept a frame of ${bytes.length} bytes: the limit is ${maxBytes}`)
  }
  const frame = decode(bytes)
  checkShape(frame)
  return frame
}

function checkShape(frame: unknown): asserts frame is Frame {
  if (!Array.isArray(frame)) throw SignalError.badFrame('wrong-type', 'Cannot read a frame that is no array')
  const [op, second] = frame
  if (opName(op) === undefined) throw SignalError.badFrame('unknown-op', `Cannot read a frame with the op ${show(op)}`)
  if (frame.length === 2 && isEventOp(op)) return
  if (frame.length !== (isKeepaliveOp(op) ? 2 : 3) || isEventOnly(op)) {
    throw SignalError.badFrame('wrong-type', `Cannot read a frame of ${frame.length} elements with the op ${op}`)
  }
  if (isRelayOp(op) ? !isId(second) : !(Number.isSafeInteger(second) && second >= 0)) {
    throw SignalError.badFrame('wrong-type', `Cannot read a frame with ${show(second)} behind the op ${op}`)
  }
  if (op === Op.error) checkError(frame[2])
}

/**
 * Returns whether an op has no form of three elements. `rooms` and `connect` have one, because they are also requests.
 */
const isEventOnly = (op: unknown): boolean => isEventOp(op) && !isRequestOp(op)

function checkError(body: unknown): asserts body is SignalErrorBody {
  const { code, reason, message } = (body ?? {}) as Record<string, unknown>
  if (![code, reason, message].every((field) => typeof field === 'string')) {
    throw SignalError.badFrame('wrong-type', 'Cannot read an error without code, reason and message')
  }
}

const show = (value: unknown): string => (typeof value === 'object' ? 'a container' : String(value).slice(0, 32))
