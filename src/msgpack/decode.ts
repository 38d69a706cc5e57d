import { Extension, MsgpackError, type MsgpackErrorCode } from './error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Most bytes of a string for which a loop is faster than a call to the TextDecoder. */
const SHORT = 24

/**
 * Decodes one value, as the decoder of @msgpack/msgpack does: `bin` as a view on the bytes, 64 bits as the nearest
 * number, a timestamp as a Date, and any other extension as an `Extension`.
 *
 * A length counts only if the bytes for it are there, so the bytes bound the memory. Strings must be UTF-8, and keys
 * must be strings or numbers, but not `__proto__`.
 *
 * @param maxDepth most arrays and maps around a value
 * @throws MsgpackError
 */
export function decode(bytes: Uint8Array, maxDepth: number): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  /** What makes a complete value invalid. It is reported last, as by a scan that precedes a decoder. */
  let invalid: string | undefined

  const fail = (code: MsgpackErrorCode, message: string): never => {
    throw new MsgpackError(code, message)
  }
  /** Returns the offset of the next bytes, and moves behind them. */
  const take = (size: number): number => {
    if (size > bytes.length - at) fail('truncated', `it ends within a value, at byte ${bytes.length}`)
    at += size
    return at - size
  }
  const uint = (size: number): number => {
    if (size === 8) return uint(4) * 2 ** 32 + uint(4)
    let value = 0
    for (let i = take(size); i < at; i++) value = value * 256 + (bytes[i] as number)
    return value
  }
  const int = (size: number): number => {
    if (size === 8) return int(4) * 2 ** 32 + uint(4)
    const shift = 32 - 8 * size
    return (uint(size) << shift) >> shift
  }
  const binary = (size: number): Uint8Array => bytes.subarray(take(size), at)
  const text = (size: number): string => {
    const start = take(size)
    let ascii = size <= SHORT
    let short = ''
    for (let i = start; ascii && i < at; i++) {
      const byte = bytes[i] as number
      short += String.fromCharCode(byte)
      ascii = byte < 0x80
    }
    if (ascii) return short
    try {
      return utf8.decode(bytes.subarray(start, at))
    } catch {
      return fail('not-msgpack', `the string that ends at byte ${at} is not UTF-8`)
    }
  }
  /** Returns the depth that is left for what a container contains: this many values. */
  const enter = (count: number, depth: number): number => {
    if (count > bytes.length - at) take(count)
    if (count > 0 && depth === 0) fail('too-deep', `it is nested deeper than ${maxDepth}`)
    return depth - 1
  }
  const list = (count: number, depth: number): unknown[] => {
    const inner = enter(count, depth)
    const items: unknown[] = []
    for (let i = 0; i < count; i++) items.push(read(inner))
    return items
  }
  const map = (count: number, depth: number): Record<string, unknown> => {
    const inner = enter(2 * count, depth)
    const entries: Record<string, unknown> = {}
    for (let i = 0; i < count; i++) {
      const key = read(inner)
      const value = read(inner)
      if (typeof key !== 'string' && typeof key !== 'number') invalid ??= 'a key is neither a string nor a number'
      else if (key === '__proto__') invalid ??= 'the key __proto__ is not allowed'
      else entries[key] = value
    }
    return entries
  }
  /** Reads a timestamp (msgpack specification, timestamp extension type), or the bytes of another type. */
  const extension = (size: number): unknown => {
    const type = int(1)
    if (type !== -1) return new Extension(type, binary(size))
    if (size === 4) return new Date(uint(4) * 1e3)
    const nanoseconds = take(size)
    if (size === 8) {
      const high = view.getUint32(nanoseconds)
      return new Date(((high & 3) * 2 ** 32 + view.getUint32(nanoseconds + 4)) * 1e3 + (high >>> 2) / 1e6)
    }
    if (size !== 12) {
      invalid ??= `a timestamp has ${size} bytes`
      return null
    }
    at -= 8
    return new Date(int(8) * 1e3 + view.getUint32(nanoseconds) / 1e6)
  }
  const read = (depth: number): unknown => {
    const type = uint(1)
    if (type < 0x80) return type
    if (type < 0x90) return map(type & 0x0f, depth)
    if (type < 0xa0) return list(type & 0x0f, depth)
    if (type < 0xc0) return text(type & 0x1f)
    if (type >= 0xe0) return type - 0x100
    if (type === 0xc0) return null
    if (type === 0xc1) fail('not-msgpack', 'it has the byte c1, which msgpack never uses')
    if (type < 0xc4) return type === 0xc3
    if (type < 0xc7) return binary(uint(1 << (type - 0xc4)))
    if (type < 0xca) return extension(uint(1 << (type - 0xc7)))
    if (type === 0xca) return view.getFloat32(take(4))
    if (type === 0xcb) return view.getFloat64(take(8))
    if (type < 0xd0) return uint(1 << (type - 0xcc))
    if (type < 0xd4) return int(1 << (type - 0xd0))
    if (type < 0xd9) return extension(1 << (type - 0xd4))
    if (type < 0xdc) return text(uint(1 << (type - 0xd9)))
    return type < 0xde ? list(uint(2 << (type - 0xdc)), depth) : map(uint(2 << (type - 0xde)), depth)
  }

  const value = read(maxDepth)
  if (at < bytes.length) fail('trailing-bytes', `it has ${bytes.length - at} bytes behind its end`)
  if (invalid !== undefined) fail('not-msgpack', invalid)
  return value
}
