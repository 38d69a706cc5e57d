import { decode } from '../../msgpack/mod.ts'
import { MAX_MESSAGE_BYTES, StreamError } from '../shared/mod.ts'

/**
 * Size of the largest header, in bytes: array, stream u32, first u64, timestamp f64, samples u32, flags, bin with a
 * length u32.
 */
export const MAX_HEADER_BYTES: number = 1 + 5 + 9 + 9 + 5 + 1 + 5

/** Buffer in which each header is written first. Allocating memory for each header would cost more than writing it. */
const made = new Uint8Array(MAX_HEADER_BYTES)
const madeView = new DataView(made.buffer)

/**
 * Creates a message `[stream, first, timestamp, samples, flags, payload]` with an empty payload.
 *
 * @param length bytes of the payload
 * @returns the whole message; its last `length` bytes are for the payload
 */
export function writeHeader(
  stream: number,
  first: number,
  timestamp: number,
  samples: number,
  flags: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  made[0] = 0x96
  let end = writeUint(1, stream)
  end = writeUint(end, first)
  made[end] = 0xcb
  madeView.setFloat64(end + 1, timestamp)
  end = writeUint(end + 9, samples)
  end = writeUint(end, flags)
  made[end] = 0xc6
  madeView.setUint32(end + 1, length)
  end += 5
  const bytes = new Uint8Array(end + length)
  for (let i = 0; i < end; i++) bytes[i] = made[i] as number
  return bytes
}

function writeUint(at: number, value: number): number {
  if (value < 0x80) {
    made[at] = value
    return at + 1
  }
  if (value < 2 ** 32) {
    made[at] = 0xce
    madeView.setUint32(at + 1, value)
    return at + 5
  }
  made[at] = 0xcf
  madeView.setUint32(at + 1, value / 2 ** 32)
  madeView.setUint32(at + 5, value)
  return at + 9
}

/**
 * Decodes the elements of a message: at most six, of any type but arrays and maps with content. Bytes are views.
 *
 * @throws StreamError `bad-chunk` if the message is not such a msgpack array, or its payload is too long
 */
export function readElements(bytes: Uint8Array): unknown[] {
  let value: unknown
  try {
    value = readUsual(bytes) ?? decode(bytes, 1)
  } catch (cause) {
    throw new StreamError('bad-chunk', `Cannot read a chunk: ${(cause as Error).message}`, { cause })
  }
  if (!Array.isArray(value) || value.length > 6) {
    throw new StreamError('bad-chunk', 'Cannot read a chunk: it must be an array of six')
  }
  if (((value[5] as Uint8Array | null)?.length as number) > MAX_MESSAGE_BYTES) {
    throw new StreamError('bad-chunk', `Cannot read a chunk: its payload has more than ${MAX_MESSAGE_BYTES} bytes`)
  }
  return value
}

/**
 * Decodes what senders write, at a fraction of the general decoder's cost. That is five numbers, each a float64 or a
 * non-negative integer, and bytes up to the end.
 *
 * @returns undefined for anything else; the general decoder then reads it, or reports what is wrong
 */
export function readUsual(bytes: Uint8Array): unknown[] | undefined {
  if (bytes[0] !== 0x96) return undefined
  at = 1
  const stream = readNumber(bytes)
  const first = readNumber(bytes)
  const timestamp = readNumber(bytes)
  const samples = readNumber(bytes)
  const flags = readNumber(bytes)
  const type = bytes[at++] as number
  if (!(type >= 0xc4 && type <= 0xc6)) return undefined
  const length = readUint(bytes, 1 << (type - 0xc4))
  if (at + length !== bytes.length || length > MAX_MESSAGE_BYTES) return undefined
  return [stream, first, timestamp, samples, flags, bytes.subarray(at)]
}

/** Where the next number starts. A DataView for each message would cost as much as reading the whole header. */
let at = 0
/** No message is this long, so nothing can be read from here on. */
const UNUSUAL = 2 ** 30

function readNumber(bytes: Uint8Array): number {
  const type = bytes[at++] as number
  if (type < 0x80) return type
  if (type === 0xcb) {
    for (let i = 0; i < 8; i++) made[i] = bytes[at++] as number
    return madeView.getFloat64(0)
  }
  if (type === 0xcf) return readUint(bytes, 4) * 2 ** 32 + readUint(bytes, 4)
  if (type >= 0xcc && type <= 0xce) return readUint(bytes, 1 << (type - 0xcc))
  at = UNUSUAL
  return 0
}

function readUint(bytes: Uint8Array, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at++] as number)
  return value
}
