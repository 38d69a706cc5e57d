/**
 * The companion's codec: the same functions as protocol/codec.ts, on the small coder of src/msgpack. An app's page then loads
 * 4 kB less. The server keeps @msgpack/msgpack, and each test of a session compares the two.
 *
 * @module
 */
import { decode, encode, type MsgpackError } from '../../msgpack/mod.ts'
import { type Frame, MAX_DEPTH, MAX_FRAME_BYTES, SignalError } from '../../protocol/both-ends.ts'
import { readFrame, writeFrame } from '../../protocol/frame.ts'

/** Like the server's: a scalar may be one level deeper than the deepest array or map with content. */
export function encodeValue(value: unknown): Uint8Array<ArrayBuffer> {
  try {
    return encode(value, MAX_DEPTH)
  } catch (cause) {
    throw SignalError.badFrame('not-msgpack', `Cannot write a frame: ${(cause as Error).message}`, cause)
  }
}

export function decodeValue(bytes: Uint8Array, maxDepth: number = MAX_DEPTH): unknown {
  try {
    return decode(bytes, maxDepth)
  } catch (cause) {
    const { code, message } = cause as MsgpackError
    throw SignalError.badFrame(code, `Cannot read a frame: ${message}`, cause)
  }
}

export const encodeFrame = (frame: Frame): Uint8Array<ArrayBuffer> => writeFrame(frame, encodeValue)

export const decodeFrame = (bytes: Uint8Array, maxBytes: number = MAX_FRAME_BYTES): Frame =>
  readFrame(bytes, maxBytes, (bytes) => decodeValue(bytes, MAX_DEPTH + 1))
