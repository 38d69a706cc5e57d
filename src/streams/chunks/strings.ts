import { decode, encode } from '../../msgpack/mod.ts'
import { StreamError } from '../shared/mod.ts'

const encoder = new TextEncoder()

/** Most bytes of the msgpack header of a string or an array. */
export const STRING_OVERHEAD = 5

/** Returns the length of a string in UTF-8, in bytes. The string must be well formed. */
export const utf8Length = (text: string): number => encoder.encode(text).length

/** Encodes strings as one msgpack array. */
export const packStrings = (strings: readonly string[]): Uint8Array<ArrayBuffer> => encode(strings, 1)

/**
 * Decodes a msgpack array that contains only strings.
 *
 * @param count number of strings that the array must have
 * @throws StreamError `bad-chunk` if the bytes are not exactly such an array
 */
export function unpackStrings(bytes: Uint8Array, count: number): string[] {
  let strings: unknown
  try {
    strings = decode(bytes, 1)
  } catch (cause) {
    throw new StreamError('bad-chunk', `Cannot read a chunk of strings: ${(cause as Error).message}`, { cause })
  }
  if (Array.isArray(strings) && strings.length === count && strings.every((text) => typeof text === 'string')) {
    return strings
  }
  throw new StreamError('bad-chunk', `Cannot read a chunk of strings: it must be an array of ${count} strings`)
}
