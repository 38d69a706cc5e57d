import { StreamError } from '../shared/mod.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Most bytes of the msgpack header of a string or an array. */
export const STRING_OVERHEAD = 5

/** Returns the length of a string in UTF-8, in bytes. The string must be well formed. */
export const utf8Length = (text: string): number => encoder.encode(text).length

/** Encodes strings as one msgpack array. */
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

/** Writes the widest length field, of an array or a string. This is simple, and its 4 extra bytes cost little. */
function writeLength(view: DataView, at: number, type: number, length: number): number {
  view.setUint8(at, type)
  view.setUint32(at + 1, length)
  return at + STRING_OVERHEAD
}

/**
 * Decodes a msgpack array that contains only strings. This decoder has its own code: a general one would allocate
 * memory for any nested lengths that a hostile sender claims.
 *
 * @param count number of strings that the array must have
 * @throws StreamError `bad-chunk` if the bytes are not exactly such an array
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
    // DataView throws a RangeError if the bytes end too early. TextDecoder throws a TypeError if they are not UTF-8.
    throw new StreamError('bad-chunk', `Cannot read a chunk of strings: ${(cause as Error).message}`, { cause })
  }
}

interface LengthTypes {
  /** The type byte whose low bits hold the length, and the mask of these bits. */
  fixed: number
  mask: number
  /** Type bytes before a length of 8, 16 and 32 bits. */
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
