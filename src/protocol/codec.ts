import { Decoder, Encoder } from '@msgpack/msgpack'
import { SignalError, type SignalErrorBody } from './errors.ts'
import { isId } from './id.ts'
import { MAX_DEPTH, MAX_FRAME_BYTES } from './limits.ts'
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
import { scanValue } from './scan.ts'

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

const encoder = new Encoder({ ignoreUndefined: true, maxDepth: MAX_DEPTH + 1 })

/**
 * Encodes a value as msgpack. Typed arrays become `bin`; undefined properties are omitted.
 *
 * @throws SignalError `bad-frame`, reason `not-msgpack`, for a value that msgpack cannot represent (a function, a
 *   symbol, a bigint); also for a value nested deeper than a frame allows
 */
export function encodeValue(value: unknown): Uint8Array<ArrayBuffer> {
  try {
    return encoder.encode(value)
  } catch (cause) {
    throw SignalError.badFrame('not-msgpack', `Cannot write a frame: ${(cause as Error).message}`, cause)
  }
}

/**
 * Encodes a frame as one WebSocket message.
 *
 * @param frame an array of two or three elements; the first is the op
 * @returns the msgpack bytes; a relay frame always starts with the exact 11 bytes `93 op cf` and the peer as u64
 * @throws SignalError `bad-frame` for an op, a peer or a seq that the protocol does not allow; also for a body that
 *   msgpack cannot represent or that is nested too deep
 *
 * @example
 * ```ts
 * import { decodeFrame, encodeFrame, Op } from 'datastreams-webrtc'
 *
 * const bytes = encodeFrame([Op.offer, 42, { type: 'offer', sdp: 'v=0' }])
 * console.log(decodeFrame(bytes)) // [ 1, 42, { type: 'offer', sdp: 'v=0' } ]
 * ```
 */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  checkShape(frame)
  if (isRelayOp(frame[0])) return encodeRelay(frame[0], frame[1] as number, encodeValue(frame[2]))
  return encodeValue(frame)
}

/**
 * Decodes the frame in one WebSocket message. It checks depth and lengths before it allocates memory for them.
 *
 * @param bytes one whole message
 * @param maxBytes the largest accepted message, in bytes
 * @returns the frame; `bin` values are views on `bytes`
 * @throws SignalError `frame-too-large`, or `bad-frame` with the reason `truncated`, `trailing-bytes`, `too-deep`,
 *   `unknown-op`, `wrong-type` or `not-msgpack`
 */
export function decodeFrame(bytes: Uint8Array, maxBytes: number = MAX_FRAME_BYTES): Frame {
  if (bytes.length > maxBytes) {
    throw new SignalError('frame-too-large', `Cannot accept a frame of ${bytes.length} bytes: the limit is ${maxBytes}`)
  }
  const frame = decodeValue(bytes, MAX_DEPTH + 1)
  checkShape(frame)
  return frame
}

/** Decodes a single value, with the same checks of depth and lengths as `decodeFrame`. */
export function decodeValue(bytes: Uint8Array, maxDepth: number = MAX_DEPTH): unknown {
  const end = scanValue(bytes, 0, maxDepth)
  if (end !== bytes.length) {
    throw SignalError.badFrame('trailing-bytes', `Cannot read a frame with ${bytes.length - end} bytes behind its end`)
  }
  try {
    return new Decoder(lengthsWithin(bytes.length)).decode(bytes)
  } catch (cause) {
    // The causes: a key that is neither string nor number, the key `__proto__`, or a timestamp of an invalid length.
    throw SignalError.badFrame('not-msgpack', `Cannot read a frame: ${(cause as Error).message}`, cause)
  }
}

/** No length in a message can exceed the message itself. */
const lengthsWithin = (bytes: number) => ({
  maxStrLength: bytes,
  maxBinLength: bytes,
  maxArrayLength: bytes,
  maxMapLength: bytes,
  maxExtLength: bytes,
})

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
