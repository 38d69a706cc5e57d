import { encodeFrame, type Frame } from './codec.ts'

const NIL = 0xc0

/**
 * A frame that ends with an array whose items are msgpack already, so that what many frames have in common is encoded
 * once.
 *
 * @param frame its last value, however deep, is null in place of the array
 */
export function encodeEnding(frame: Frame, items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const start = encodeFrame(frame)
  if (start.at(-1) !== NIL) throw new TypeError('Cannot end a frame as its last value must be null')
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

/** The msgpack specification, array format family. */
function arrayHeader(length: number): number[] {
  if (length < 0x10) return [0x90 | length]
  const bytes = [length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff]
  return length < 0x10000 ? [0xdc, ...bytes.slice(2)] : [0xdd, ...bytes]
}
