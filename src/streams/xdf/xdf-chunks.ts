import type { Samples } from '../chunks/mod.ts'
import { layouts, type NumericArray, type StreamDescription } from '../description/mod.ts'
import { join } from '../shared/mod.ts'
import { BOUNDARY, fileFormat, MAGIC, STAMPED, Tag, UNSTAMPED } from './xdf-format.ts'
import { streamHeader, type XdfOrigin } from './xdf-header.ts'
import { element, writeXml, type XmlElement } from './xml.ts'

/** Offset between the clock of a stream's source and the recorder's: `time` + `offset` is on the recorder's clock. */
export interface XdfClockOffset {
  /** Time of the measurement, in seconds on the source's clock. */
  time: number
  /** Seconds: the recorder's clock − the source's. */
  offset: number
}

/** Contents of a stream's footer. Times are in seconds on the source's clock. */
export interface XdfFooter {
  /** Timestamp of the first sample; undefined if the stream has no samples, or the footer has no number. */
  firstTimestamp: number | undefined
  /** Timestamp of the last sample; undefined in the same cases. */
  lastTimestamp: number | undefined
  /** How many samples the writer wrote; 0 if the footer has no number. */
  sampleCount: number
  /** Hz; undefined if there are too few samples. */
  measuredRate?: number | undefined
  /** The writer's copy of the stream's clock offsets. It may have fewer than the file. */
  clockOffsets: XdfClockOffset[]
}

const utf8 = new TextEncoder()

/** Returns the first bytes of a file: the magic code and the file header. */
export const xdfFileHeader = (datetime: string): Uint8Array<ArrayBuffer> =>
  joined(
    utf8.encode(MAGIC),
    xmlChunk(Tag.fileHeader, [], element('info', [element('version', '1.0'), element('datetime', datetime)])),
  )

export const xdfStreamHeader = (stream: number, description: StreamDescription, origin?: XdfOrigin): Uint8Array =>
  xmlChunk(Tag.streamHeader, [stream], streamHeader(description, origin))

/**
 * Encodes samples, with timestamps in seconds. It omits a timestamp if the previous one and the rate yield exactly the
 * same float64. It always writes the first timestamp of a chunk, so that a reader does not need earlier chunks.
 */
export function xdfSamples(stream: number, { data, timestamps }: Samples, description: StreamDescription): Uint8Array {
  const { nominalRate, timeUnit } = description
  const second = timeUnit === 's' ? 1 : 1000
  const stamps = second === 1 ? timestamps : timestamps.map((stamp) => stamp / second)
  const rows = Array.isArray(data) ? stringRows(data, stamps.length) : numericRows(data, stamps.length)
  let bytes = 0
  const stamped = Array.from(stamps, (stamp, i) => {
    const deduced = i > 0 && nominalRate > 0 ? (stamps[i - 1] as number) + 1 / nominalRate : Number.NaN
    const explicit = Number.isNaN(stamp) || !Object.is(stamp, deduced)
    bytes += 1 + (explicit ? 8 : 0) + rows.length(i)
    return explicit
  })
  const count = varlen(stamps.length)
  const content = new Uint8Array(count.length + bytes)
  const view = new DataView(content.buffer)
  content.set(count)
  let at = count.length
  for (const [i, explicit] of stamped.entries()) {
    content[at++] = explicit ? STAMPED : UNSTAMPED
    if (explicit) {
      view.setFloat64(at, stamps[i] as number, true)
      at += 8
    }
    at = rows.write(i, content, at)
  }
  return chunk(Tag.samples, [stream], content)
}

export function xdfClockOffset(stream: number, { time, offset }: XdfClockOffset): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(16)
  const view = new DataView(content.buffer)
  view.setFloat64(0, time, true)
  view.setFloat64(8, offset, true)
  return chunk(Tag.clockOffset, [stream], content)
}

export const xdfBoundary = (): Uint8Array<ArrayBuffer> => chunk(Tag.boundary, [], BOUNDARY)

export function xdfStreamFooter(stream: number, footer: XdfFooter): Uint8Array<ArrayBuffer> {
  const { firstTimestamp, lastTimestamp, sampleCount, measuredRate, clockOffsets } = footer
  const numbers = {
    first_timestamp: firstTimestamp,
    last_timestamp: lastTimestamp,
    sample_count: sampleCount,
    measured_srate: measuredRate,
  }
  const offsets = clockOffsets.map(({ time, offset }) =>
    element('offset', [element('time', String(time)), element('value', String(offset))]),
  )
  const known = Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined ? [] : [element(name, String(value))],
  )
  return xmlChunk(
    Tag.streamFooter,
    [stream],
    element('info', [element('writer', 'datastreams-webrtc'), ...known, element('clock_offsets', offsets)]),
  )
}

/** The encoded values of each sample. */
interface Rows {
  length(i: number): number
  /** @returns the offset after the sample */
  write(i: number, into: Uint8Array, at: number): number
}

function numericRows(data: NumericArray, samples: number): Rows {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const length = samples === 0 ? 0 : bytes.length / samples
  return {
    length: () => length,
    write(i, into, at) {
      into.set(bytes.subarray(i * length, (i + 1) * length), at)
      return at + length
    },
  }
}

function stringRows(data: readonly string[], samples: number): Rows {
  const channels = samples === 0 ? 0 : data.length / samples
  const rows = Array.from({ length: samples }, (_, i) => {
    const texts = data.slice(i * channels, (i + 1) * channels).map((text) => utf8.encode(text))
    return joined(...texts.flatMap((text) => [varlen(text.length), text]))
  })
  return {
    length: (i) => (rows[i] as Uint8Array).length,
    write(i, into, at) {
      const row = rows[i] as Uint8Array
      into.set(row, at)
      return at + row.length
    },
  }
}

/** Bytes of one sample's numbers in a file; 0 for strings. */
export const sampleBytes = ({ format, channels }: StreamDescription): number =>
  format === 'string' ? 0 : layouts[fileFormat(format)].bytes * channels.length

const xmlChunk = (tag: number, stream: [number?], root: XmlElement): Uint8Array<ArrayBuffer> =>
  chunk(tag, stream, utf8.encode(`<?xml version="1.0"?>${writeXml(root)}`))

function chunk(tag: number, [stream]: [number?], content: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new DataView(new ArrayBuffer(stream === undefined ? 2 : 6))
  head.setUint16(0, tag, true)
  if (stream !== undefined) head.setUint32(2, stream, true)
  return joined(varlen(head.byteLength + content.length), new Uint8Array(head.buffer), content)
}

/** Encodes a number after the number of its bytes: 1, 4 or 8. */
function varlen(value: number): Uint8Array<ArrayBuffer> {
  if (value < 0x100) return Uint8Array.of(1, value)
  const wide = value >= 2 ** 32
  const bytes = new Uint8Array(wide ? 9 : 5)
  const view = new DataView(bytes.buffer)
  bytes[0] = wide ? 8 : 4
  if (wide) view.setBigUint64(1, BigInt(value), true)
  else view.setUint32(1, value, true)
  return bytes
}

const joined = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => join(Uint8Array, parts)
