import type { Samples } from '../chunks/mod.ts'
import { layouts, type NumericArray, type StreamDescription } from '../description/mod.ts'
import { join } from '../shared/mod.ts'
import { BOUNDARY, fileFormat, MAGIC, STAMPED, Tag, UNSTAMPED } from './xdf-format.ts'
import { streamHeader, type XdfOrigin } from './xdf-header.ts'
import { element, writeXml, type XmlElement } from './xml.ts'

/** How the clock of a stream's source stood to the recorder's: `time` + `offset` is by the recorder's. */
export interface XdfClockOffset {
  /** When it was found, in seconds of the source's clock. */
  time: number
  /** Seconds: the recorder's clock − the source's. */
  offset: number
}

/** What a stream's footer says of it. Times in seconds of the source's clock. */
export interface XdfFooter {
  firstTimestamp: number | undefined
  lastTimestamp: number | undefined
  sampleCount: number
  /** Hz; undefined where there are too few samples to tell. */
  measuredRate?: number | undefined
  clockOffsets: XdfClockOffset[]
}

const utf8 = new TextEncoder()

/** What a file begins with. */
export const xdfFileHeader = (datetime: string): Uint8Array<ArrayBuffer> =>
  joined(
    utf8.encode(MAGIC),
    xmlChunk(Tag.fileHeader, [], element('info', [element('version', '1.0'), element('datetime', datetime)])),
  )

export const xdfStreamHeader = (stream: number, description: StreamDescription, origin?: XdfOrigin): Uint8Array =>
  xmlChunk(Tag.streamHeader, [stream], streamHeader(description, origin))

/**
 * Samples, with stamps in seconds. One is left out where the one before and the rate give the very same float64; the
 * first of a chunk never is, so that it can be read without what lies before.
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

/** The values of each sample, by its number. */
interface Rows {
  length(i: number): number
  /** @returns the place behind it */
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

/** Bytes that one sample's numbers take in a file. */
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

/** A number behind the number of its bytes: 1, 4 or 8. */
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
