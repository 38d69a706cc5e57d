import { type ChunkLayout, encodeChunk, type Samples } from '../../streams/mod.ts'

/** Bytes before a chunk: the msgpack headers of an array of two and of a uint 32, and its value. */
const MARK_BYTES = 6

/**
 * Hashes everything that a chunk's reader takes from the description: FNV-1a, 32 bits, over the UTF-8 of format, number
 * of channels, rate and unit, separated by spaces. Chunks on the unordered channel carry this mark. They may overtake
 * the control that changes the description, and decoding with the old one would give silently wrong values.
 */
export function layoutHash(layout: ChunkLayout): number {
  const known = marks.get(layout)
  if (known !== undefined) return known
  const { format, channels, nominalRate, timeUnit } = layout
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(`${format} ${channels.length} ${nominalRate} ${timeUnit}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  marks.set(layout, hash)
  return hash
}

/** Cache, because each chunk needs the mark. Keyed by identity: a description is never changed in place. */
const marks = new WeakMap<ChunkLayout, number>()

/** @returns the message `[mark, chunk]` */
export function markChunk(mark: number, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(MARK_BYTES + chunk.length)
  bytes[0] = 0x92
  bytes[1] = 0xce
  new DataView(bytes.buffer).setUint32(2, mark)
  bytes.set(chunk, MARK_BYTES)
  return bytes
}

/** Encodes samples as the message `[mark, chunk]`. */
export const encodeMarkedChunk = (stream: number, samples: Samples, layout: ChunkLayout): Uint8Array<ArrayBuffer> =>
  markChunk(layoutHash(layout), encodeChunk(stream, samples, layout))

/** @returns undefined if the bytes are not a `[mark, chunk]` message */
export function readMark(bytes: Uint8Array): { mark: number; chunk: Uint8Array } | undefined {
  if (bytes.length <= MARK_BYTES || bytes[0] !== 0x92 || bytes[1] !== 0xce) return undefined
  const mark = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2)
  return { mark, chunk: bytes.subarray(MARK_BYTES) }
}
