import { Extension, MsgpackError } from './error.ts'

const utf8 = new TextEncoder()
/** Most UTF-16 code units of a text for which a loop is faster than a call to the TextEncoder. */
const SHORT = 50
/** Bytes of the buffer between two calls. A larger one, which a large value needed, is not kept. */
const KEPT = 4_096

/** All calls write into this buffer. `at` is the end of what was written. */
let bytes = new Uint8Array(KEPT)
let view = new DataView(bytes.buffer)
let at = 0

/**
 * Encodes a value as `new Encoder({ ignoreUndefined: true })` of @msgpack/msgpack does, byte by byte: numbers, lengths
 * and dates in their shortest form, typed arrays as `bin`, undefined as nil, and no undefined properties. A lone
 * surrogate becomes U+FFFD, because UTF-8 has no form for it.
 *
 * @param maxDepth most arrays and maps around a value
 * @throws MsgpackError `not-msgpack` for a function, a symbol or a bigint; `too-deep`
 */
export function encode(value: unknown, maxDepth: number): Uint8Array<ArrayBuffer> {
  // A getter of the value may encode another value. That one is written behind what is there, and then removed.
  const start = at
  try {
    write(value, maxDepth)
    return bytes.slice(start, at)
  } finally {
    at = start
    if (start === 0 && bytes.length > KEPT) resize(KEPT)
  }
}

function resize(length: number): void {
  const written = bytes.subarray(0, at)
  bytes = new Uint8Array(length)
  bytes.set(written)
  view = new DataView(bytes.buffer)
}

function reserve(length: number): void {
  if (at + length > bytes.length) resize(2 * (at + length))
}

function write(value: unknown, depth: number): void {
  if (depth < 0) throw new MsgpackError('too-deep', 'the value is nested too deep')
  reserve(9)
  if (value === null || value === undefined) bytes[at++] = 0xc0
  else if (typeof value === 'boolean') bytes[at++] = value ? 0xc3 : 0xc2
  else if (typeof value === 'number') writeNumber(value)
  else if (typeof value === 'string') writeText(value)
  else if (value instanceof Date) writeDate(value)
  else if (value instanceof Extension) writeExtension(value.type, value.data)
  else if (Array.isArray(value)) {
    if (value.length < 0x10) bytes[at++] = 0x90 | value.length
    else writeSized(0xdb, value.length, 1)
    for (const item of value) write(item, depth - 1)
  } else if (ArrayBuffer.isView(value)) {
    writeSized(0xc4, value.byteLength)
    writeBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  } else if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    if (entries.length < 0x10) bytes[at++] = 0x80 | entries.length
    else writeSized(0xdd, entries.length, 1)
    for (const [key, item] of entries) {
      writeText(key)
      write(item, depth - 1)
    }
  } else throw new MsgpackError('not-msgpack', `msgpack has no ${typeof value}`)
}

function writeNumber(value: number): void {
  if (!Number.isSafeInteger(value)) {
    bytes[at] = 0xcb
    view.setFloat64(at + 1, value)
    at += 9
  } else if (value >= -0x20 && value < 0x80) bytes[at++] = value
  // A signed integer needs as many bytes as an unsigned one that is twice as far from 0.
  else if (value < 0) writeSized(0xd0, value, 0, -2 * value - 1)
  else writeSized(0xcc, value)
}

/**
 * Writes a type and an integer in its shortest form. The types of 1, 2, 4 and 8 bytes follow each other.
 *
 * @param type of 1 byte
 * @param least 1 if there is no type of 1 byte
 * @param extent decides the form
 */
function writeSized(type: number, value: number, least = 0, extent = value): void {
  const form = extent < 2 ** 8 ? least : extent < 2 ** 16 ? 1 : extent < 2 ** 32 ? 2 : 3
  bytes[at++] = type + form
  writeInteger(value, 1 << form)
}

/** Writes the low bytes of an integer, big-endian; of a negative one in two's complement. */
function writeInteger(value: number, size: number): void {
  for (let i = size - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[at + i] = rest
  at += size
}

/** Writes the text behind the space for its longest header. Then its length is known, and it moves to its place. */
function writeText(text: string): void {
  reserve(5 + 3 * text.length)
  const start = at + 5
  const length = writeUtf8(text, start)
  if (length < 0x20) bytes[at++] = 0xa0 | length
  else writeSized(0xd9, length)
  bytes.copyWithin(at, start, start + length)
  at += length
}

/** Returns how many bytes it has written. */
function writeUtf8(text: string, start: number): number {
  let ascii = text.length <= SHORT
  for (let i = 0; ascii && i < text.length; i++) {
    const code = text.charCodeAt(i)
    bytes[start + i] = code
    ascii = code < 0x80
  }
  if (ascii) return text.length
  return utf8.encodeInto(text, bytes.subarray(start)).written
}

function writeBytes(data: Uint8Array): void {
  reserve(data.length)
  bytes.set(data, at)
  at += data.length
}

/** Writes a timestamp of 4, 8 or 12 bytes (msgpack specification, timestamp extension type). */
function writeDate(date: Date): void {
  const time = date.getTime()
  const seconds = Math.floor(time / 1_000)
  const nanoseconds = (time - seconds * 1_000) * 1e6
  const isShort = seconds >= 0 && seconds < 2 ** 34
  const isWhole = isShort && nanoseconds === 0 && seconds < 2 ** 32
  reserve(15)
  if (isWhole) writeInteger(0xd6ff, 2)
  else if (isShort) {
    writeInteger(0xd7ff, 2)
    writeInteger(nanoseconds * 4 + Math.floor(seconds / 2 ** 32), 4)
  } else {
    writeInteger(0xc70cff, 3)
    writeInteger(nanoseconds, 4)
  }
  writeInteger(seconds, isShort ? 4 : 8)
}

function writeExtension(type: number, data: Uint8Array): void {
  const form = [1, 2, 4, 8, 16].indexOf(data.length)
  if (form >= 0) bytes[at++] = 0xd4 + form
  else writeSized(0xc7, data.length)
  reserve(1)
  bytes[at++] = type
  writeBytes(data)
}
