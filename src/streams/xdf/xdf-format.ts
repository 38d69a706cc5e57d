import type { Format, NumericFormat } from '../description/mod.ts'

/** The constants of XDF 1.0 (github.com/sccn/xdf/wiki/Specifications). All integers are little-endian. */

/** The first bytes of every file. */
export const MAGIC = 'XDF:'

/** Whether a file that begins with these bytes claims to be XDF. */
export const isXdf = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(0, MAGIC.length)) === MAGIC

/** Kinds of chunks. In a chunk of a stream, the stream's number follows the tag. */
export const Tag = {
  fileHeader: 1,
  streamHeader: 2,
  samples: 3,
  clockOffset: 4,
  boundary: 5,
  streamFooter: 6,
} as const

export const hasStream = (tag: number): boolean =>
  tag === Tag.streamHeader || tag === Tag.samples || tag === Tag.clockOffset || tag === Tag.streamFooter

/** Content of a boundary chunk. A reader searches for it to continue after damage. */
export const BOUNDARY: Uint8Array<ArrayBuffer> = Uint8Array.of(
  ...[0x43, 0xa5, 0x46, 0xdc, 0xcb, 0xf5, 0x41, 0x0f, 0xb3, 0x0e, 0xd5, 0x46, 0x73, 0x83, 0xcb, 0xe4],
)

/** Values of `channel_format`. */
export const formatNames: Readonly<Record<Format, string>> = {
  float32: 'float32',
  float64: 'double64',
  int8: 'int8',
  int16: 'int16',
  // XDF has no 24-bit format. `desc/datastreams/format` keeps the original format.
  int24: 'int32',
  int32: 'int32',
  int64: 'int64',
  string: 'string',
}

/** Returns the format of a stream's numbers in a file. */
export const fileFormat = (format: NumericFormat): NumericFormat => (format === 'int24' ? 'int32' : format)

/** The byte before a sample: `STAMPED` if a timestamp follows, `UNSTAMPED` if not. */
export const STAMPED = 8
export const UNSTAMPED = 0
