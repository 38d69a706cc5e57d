import { Decoder, Encoder } from '@msgpack/msgpack'
import { SignalError } from './errors.ts'
import { type Frame, readFrame, writeFrame } from './frame.ts'
import { MAX_DEPTH, MAX_FRAME_BYTES } from './limits.ts'
import { scanValue } from './scan.ts'

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
  return writeFrame(frame, encodeValue)
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
  return readFrame(bytes, maxBytes, (bytes) => decodeValue(bytes, MAX_DEPTH + 1))
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
