import { StreamError } from '../shared/mod.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Most bytes in front of a string, and in front of an array. */
export const STRING_OVERHEAD = 5

/** How many bytes a string has in UTF-8; it must be well formed. */
export const utf8Length = (text: string): number => encoder.encode(text).length

/** Strings as one msgpack array. */
export function packStrings(strings: readonly string[]): Uint8Array<ArrayBuffer> {
  const texts = strings.map((text) => encoder.encode(text))
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length + STRING_OVERHEAD, STRING_OVERHEAD))
  const view = new DataView(bytes.buffer)
  let end = writeLength(view, 0, 0xdd, strings.length)
  for (const text of texts) {
    end = writeLength(view, end, 0xdb, text.length)
    bytes.set(text, end)
    end += text.length
  }
  return bytes.subarray(0, end)
}

/** The array's and the strings' widest length field: simple, and 4 bytes too many are nothing beside the rest. */
function writeLength(view: DataView, at: number, type: number, length: number): number {
  view.setUint8(at, type)
  view.setUint32(at + 1, length)
  return at + STRING_OVERHEAD
}

/**
 * The strings of a msgpack array that holds nothing else. Read by hand, as a general decoder would make room for
 * whatever lengths a hostile sender nests.
 *
 * @throws StreamError `bad-chunk`
 */
export function unpackStrings(bytes: Uint8Array, count: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  try {
    let { length, at } = readLength(view, 0, arrays)
    if (length !== count) throw new RangeError(`it has ${length} strings and not ${count}`)
    const strings: string[] = []
    for (let i = 0; i < count; i++) {
      ;({ length, at } = readLength(view, at, texts))
      if (at + length > bytes.length) throw new RangeError('it ends within a string')
      strings.push(decoder.decode(bytes.subarray(at, at + length)))
      at += length
    }
    if (at !== bytes.length) throw new RangeError('there are bytes behind its strings')
    return strings
  } catch (cause) {
    // A RangeError of DataView where the bytes end, a TypeError where they are not UTF-8.
    throw new StreamError('bad-chunk', `Cannot read a chunk of strings: ${(cause as Error).message}`, { cause })
  }
}

interface LengthTypes {
  /** The type byte that holds the length in its low bits, and how many of them. */
  fixed: number
  mask: number
  /** Type bytes that are followed by a length of 8, 16 and 32 bits. */
  widths: readonly [number | undefined, number, number]
}
const arrays: LengthTypes = { fixed: 0x90, mask: 0x0f, widths: [undefined, 0xdc, 0xdd] }
const texts: LengthTypes = { fixed: 0xa0, mask: 0x1f, widths: [0xd9, 0xda, 0xdb] }

function readLength(view: DataView, at: number, { fixed, mask, widths }: LengthTypes): { length: number; at: number } {
  const type = view.getUint8(at)
  if ((type & ~mask) === fixed) return { length: type & mask, at: at + 1 }
  if (type === widths[0]) return { length: view.getUint8(at + 1), at: at + 2 }
  if (type === widths[1]) return { length: view.getUint16(at + 1), at: at + 3 }
  if (type === widths[2]) return { length: view.getUint32(at + 1), at: at + 5 }
  throw new RangeError(`it has the type ${type.toString(16)} at byte ${at}`)
}
