import type { Samples } from '../chunks/mod.ts'
import { layouts, type StreamDescription } from '../description/mod.ts'
import { sampleBytes } from './xdf-chunks.ts'
import { fileFormat, STAMPED, UNSTAMPED } from './xdf-format.ts'
import { readVarlen } from './xdf-varlen.ts'

/** State for reading the next samples of a stream. */
export interface SampleState {
  readonly description: StreamDescription
  /** Last timestamp, in seconds; 0 before the first sample, as in other readers; NaN after damage. */
  last: number
  /** Number of samples read. */
  samples: number
}

// A byte order mark in a marker is a character like any other.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Decodes the samples of a chunk, in new buffers. It computes an omitted timestamp from the previous one and the rate.
 *
 * @throws RangeError if the content does not exactly match its count and the description
 */
export function readSamples(content: Uint8Array, state: SampleState): Samples {
  const { description, samples: first } = state
  const { value: count, length: start } = readVarlen(content, 0)
  const row = sampleBytes(description)
  const channels = description.channels.length
  const least = 1 + (description.format === 'string' ? 2 * channels : row)
  // Check this before any allocation, so that the received bytes bound the memory.
  if (count > (content.length - start) / least) {
    throw new RangeError(`${content.length - start} bytes are too few for ${count} samples`)
  }
  const timestamps = new Float64Array(count)
  const values = new Uint8Array(count * row)
  const strings: string[] = []
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  const period = description.nominalRate > 0 ? 1 / description.nominalRate : 0
  let { last } = state
  let at = start
  for (let i = 0; i < count; i++) {
    const stamped = view.getUint8(at++)
    if (stamped === STAMPED) {
      last = view.getFloat64(at, true)
      at += 8
    } else if (stamped === UNSTAMPED) last += period
    else throw new RangeError(`sample ${i} has a timestamp of ${stamped} bytes`)
    timestamps[i] = last
    if (description.format !== 'string') {
      if (at + row > content.length) throw new RangeError(`they end within sample ${i}`)
      values.set(content.subarray(at, at + row), i * row)
      at += row
    } else at = readStrings(content, at, channels, strings)
  }
  if (at !== content.length) throw new RangeError(`there are ${content.length - at} bytes behind the samples`)
  state.last = last
  state.samples += count
  const { format } = description
  if (format === 'string') return { data: strings, timestamps, first }
  return { data: layouts[fileFormat(format)].over(values.buffer, count * channels), timestamps, first }
}

/** @returns the offset after the strings */
function readStrings(content: Uint8Array, from: number, count: number, into: string[]): number {
  let at = from
  for (let i = 0; i < count; i++) {
    const { value, length } = readVarlen(content, at)
    at += length
    if (at + value > content.length) throw new RangeError('they end within a string')
    into.push(utf8.decode(content.subarray(at, at + value)))
    at += value
  }
  return at
}
