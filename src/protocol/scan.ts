import { SignalError } from './errors.ts'
import { MAX_DEPTH } from './limits.ts'
import { isUtf8 } from './utf8.ts'

/**
 * Scans one msgpack value without decoding it. A frame's depth and declared lengths are thus checked before a decoder
 * allocates memory for them. @msgpack/msgpack does not bound depth, and does not bound lengths by default.
 *
 * The scan is linear in the bytes and needs constant memory. A container of n elements must have n bytes left. Each
 * nesting takes one slot in a stack of `maxDepth`. Strings must be UTF-8; otherwise they would pass here and make a
 * stricter reader fail.
 *
 * @returns the offset after the value
 * @throws SignalError `bad-frame`, reason `truncated`, `too-deep` or `not-msgpack`
 */
export function scanValue(bytes: Uint8Array, start: number, maxDepth: number = MAX_DEPTH): number {
  const left = new Float64Array(maxDepth + 1)
  let depth = 0
  left[0] = 1
  let offset = start
  for (;;) {
    while (left[depth] === 0) {
      if (depth === 0) return offset
      depth--
    }
    left[depth] = (left[depth] as number) - 1
    const byte = bytes[offset]
    if (byte === undefined) throw truncated(offset)
    const { head, length, children } = measure(bytes, offset, byte)
    offset += head + length
    if (offset > bytes.length || children > bytes.length - offset) throw truncated(bytes.length)
    if (isString(byte) && !isUtf8(bytes, offset - length, offset)) {
      throw SignalError.badFrame(
        'not-msgpack',
        `Cannot read a frame: the string that ends at byte ${offset} is not UTF-8`,
      )
    }
    if (children === 0) continue
    if (++depth > maxDepth) {
      throw SignalError.badFrame('too-deep', `Cannot read a frame nested deeper than ${maxDepth}`)
    }
    left[depth] = children
  }
}

const isString = (byte: number): boolean => (byte >= 0xa0 && byte < 0xc0) || (byte >= 0xd9 && byte <= 0xdb)

interface Measure {
  /** Bytes of the type and its length field. */
  head: number
  /** Bytes of the value itself; 0 for a container. */
  length: number
  /** Number of values inside a container; a map has two for each entry. */
  children: number
}

const scratch: Measure = { head: 0, length: 0, children: 0 }
const is = (head: number, length: number, children = 0): Measure => {
  scratch.head = head
  scratch.length = length
  scratch.children = children
  return scratch
}

/** Bytes after the type byte for types of fixed size, 0xc0 to 0xdf; −1 if the type has a length field. */
const fixed: readonly number[] = [
  0, -1, 0, 0, -1, -1, -1, -1, -1, -1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, -1, -1, -1, -1, -1, -1, -1,
]

function measure(bytes: Uint8Array, offset: number, byte: number): Measure {
  if (byte < 0x80 || byte >= 0xe0) return is(1, 0)
  if (byte < 0x90) return is(1, 0, (byte & 0x0f) * 2)
  if (byte < 0xa0) return is(1, 0, byte & 0x0f)
  if (byte < 0xc0) return is(1, byte & 0x1f)
  const size = fixed[byte - 0xc0] as number
  if (size >= 0) return is(1, size)
  switch (byte) {
    case 0xc4: // bin
    case 0xd9: // str
      return is(2, readUint(bytes, offset + 1, 1))
    case 0xc5:
    case 0xda:
      return is(3, readUint(bytes, offset + 1, 2))
    case 0xc6:
    case 0xdb:
      return is(5, readUint(bytes, offset + 1, 4))
    case 0xc7: // ext: the length, then a type byte
      return is(3, readUint(bytes, offset + 1, 1))
    case 0xc8:
      return is(4, readUint(bytes, offset + 1, 2))
    case 0xc9:
      return is(6, readUint(bytes, offset + 1, 4))
    case 0xdc:
      return is(3, 0, readUint(bytes, offset + 1, 2))
    case 0xdd:
      return is(5, 0, readUint(bytes, offset + 1, 4))
    case 0xde:
      return is(3, 0, readUint(bytes, offset + 1, 2) * 2)
    case 0xdf:
      return is(5, 0, readUint(bytes, offset + 1, 4) * 2)
    default:
      throw SignalError.badFrame('not-msgpack', 'Cannot read a frame with the byte c1, which msgpack never uses')
  }
}

/** Reads a big-endian unsigned integer of 1, 2, 4 or 8 bytes; exact up to 2^53. */
export function readUint(bytes: Uint8Array, offset: number, size: number): number {
  if (offset + size > bytes.length) throw truncated(bytes.length)
  let value = 0
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[offset + i] as number)
  return value
}

const truncated = (offset: number): SignalError =>
  SignalError.badFrame('truncated', `Cannot read a frame that ends within a value, at byte ${offset}`)
