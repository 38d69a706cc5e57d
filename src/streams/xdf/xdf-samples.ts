import type { Samples } from '../chunks/mod.ts'
import { layouts, type StreamDescription } from '../description/mod.ts'
import { sampleBytes } from './xdf-chunks.ts'
import { fileFormat, STAMPED, UNSTAMPED } from './xdf-format.ts'
import { readVarlen } from './xdf-varlen.ts'

/** What has to be known of a stream to read its next samples. */
export interface SampleState {
  readonly description: StreamDescription
  /** Of the last sample, in seconds; 0 before the first, as other readers have it, NaN behind damage. */
  last: number
  /** Samples read. */
  samples: number
}

// A byte order mark is a character like any other in a marker.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * The samples in the content of a chunk, in buffers of their own. Stamps that were left out are deduced from the one
 * before and the rate.
 *
 * @throws RangeError where the content is not exactly what its count and the description say
 */
export function readSamples(content: Uint8Array, state: SampleState): Samples {
  const { description, samples: first } = state
  const { value: count, length: start } = readVarlen(content, 0)
  const row = sampleBytes(description)
  const channels = description.channels.length
  const least = 1 + (description.format === 'string' ? 2 * channels : row)
  // Before anything is made room for: what is allocated is bounded by what came.
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

/** @returns the place behind them */
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
