import { encodeFrame } from './codec.ts'
import type { Frame } from './frame.ts'

const NIL = 0xc0

/**
 * Encodes a frame that ends with an array of already encoded items. Many frames can share an item, which is encoded
 * once.
 *
 * @param frame its last value, however deep, must be null; the array replaces it
 */
export function encodeWithItems(frame: Frame, items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const start = encodeFrame(frame)
  if (start.at(-1) !== NIL) throw new TypeError('Cannot append to a frame: its last value must be null')
  const header = arrayHeader(items.length)
  let offset = start.length - 1
  const bytes = new Uint8Array(items.reduce((length, item) => length + item.length, offset + header.length))
  bytes.set(start)
  for (const part of [header, ...items]) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** Returns an array header (msgpack specification, array format family). */
function arrayHeader(length: number): number[] {
  if (length < 0x10) return [0x90 | length]
  const bytes = [length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff]
  return length < 0x10000 ? [0xdc, ...bytes.slice(2)] : [0xdd, ...bytes]
}
