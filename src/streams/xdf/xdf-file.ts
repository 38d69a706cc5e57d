import type { Samples } from '../chunks/mod.ts'
import { layouts, type NumericArray, type StreamDescription } from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import type { XdfClockOffset, XdfFooter } from './xdf-chunks.ts'
import { fileFormat } from './xdf-format.ts'
import type { XdfOrigin } from './xdf-header.ts'
import { type XdfPart, XdfReader } from './xdf-reader.ts'
import type { XmlElement } from './xml.ts'

/** A clock offset with its place among the samples. */
export interface PlacedClockOffset extends XdfClockOffset {
  /** How many of the stream's samples stand before it in the file. */
  sample: number
}

/** All that a file has of a stream. */
export interface XdfStream extends Samples {
  description: StreamDescription
  origin: XdfOrigin
  clockOffsets: PlacedClockOffset[]
  /** Undefined where the recording was cut short. */
  footer: XdfFooter | undefined
  /** The whole of its header, with what the description has no field for. */
  header: XmlElement
}

export interface XdfFile {
  header: XmlElement | undefined
  /** By the numbers that the file has for them, in the order of their headers. */
  streams: Map<number, XdfStream>
  /** Chunks of kinds that XDF 1.0 does not know; they are passed over. */
  unknown: number
}

/** A file that is no XDF, cut short or damaged. */
export class XdfError extends StreamError {
  override readonly name = 'XdfError'
  /** All that could be read, from behind the damage too. */
  readonly partial: XdfFile
  /** How many places could not be read; the message tells the first. */
  readonly places: number

  constructor(first: StreamError, partial: XdfFile, places: number) {
    super('bad-recording', `${first.message} (${placesOf(places)}${readOf(partial)})`, {
      cause: first,
      ...offsetOf(first),
    })
    this.partial = partial
    this.places = places
  }
}

/**
 * Reads a whole XDF 1.0 file, of LabRecorder or any other writer. Timestamps are as the file has them, in seconds by the
 * clock of each stream's source: `alignStamps` brings them to the recorder's.
 *
 * @throws XdfError with the byte at fault, and what was still read in `partial`
 *
 * @example
 * ```ts
 * import { parseXdf, XdfError } from 'datastreams-webrtc/streams'
 *
 * try {
 *   parseXdf(new TextEncoder().encode('time,left\n0,1.5'))
 * } catch (error) {
 *   if (error instanceof XdfError) console.log(error.offset, error.partial.streams.size) // 0 0
 * }
 * ```
 */
export function parseXdf(bytes: Uint8Array): XdfFile {
  const reader = new XdfReader()
  const gathered = new Gathered()
  for (const part of reader.push(bytes)) gathered.take(part)
  for (const part of reader.end()) gathered.take(part)
  const file = gathered.file()
  if (gathered.first !== undefined) throw new XdfError(gathered.first, file, gathered.places)
  return file
}

/** What a file says as its bytes come, in memory for one chunk of it; damage is a part like any other. */
export async function* readXdf(source: AsyncIterable<Uint8Array>): AsyncGenerator<XdfPart, void> {
  const reader = new XdfReader()
  for await (const piece of source) yield* reader.push(piece)
  yield* reader.end()
}

class Gathered {
  first: StreamError | undefined
  places = 0
  readonly #streams = new Map<number, { stream: XdfStream; runs: Samples[]; samples: number }>()
  #header: XmlElement | undefined
  #unknown = 0

  take(part: XdfPart): void {
    if (part.kind === 'file') this.#header = part.header
    else if (part.kind === 'unknown') this.#unknown++
    else if (part.kind === 'damage') {
      this.first ??= part.error
      this.places++
    } else if (part.kind === 'stream') {
      const { description, origin, header } = part
      const none = { data: [], timestamps: new Float64Array(), first: 0 }
      const stream: XdfStream = { ...none, description, origin, header, clockOffsets: [], footer: undefined }
      this.#streams.set(part.stream, { stream, runs: [], samples: 0 })
    } else this.#add(part)
  }

  file(): XdfFile {
    const streams = [...this.#streams].map(([number, { stream, runs, samples }]): [number, XdfStream] => [
      number,
      Object.assign(stream, joinRuns(runs, samples, stream.description)),
    ])
    return { header: this.#header, streams: new Map(streams), unknown: this.#unknown }
  }

  #add(part: Extract<XdfPart, { kind: 'samples' | 'offset' | 'footer' }>): void {
    // The reader tells of a stream before it tells what belongs to it.
    const entry = this.#streams.get(part.stream) as { stream: XdfStream; runs: Samples[]; samples: number }
    if (part.kind === 'footer') entry.stream.footer = part.footer
    else if (part.kind === 'offset') entry.stream.clockOffsets.push({ ...part.offset, sample: entry.samples })
    else {
      entry.runs.push(part.samples)
      entry.samples += part.samples.timestamps.length
    }
  }
}

function joinRuns(runs: readonly Samples[], samples: number, { format, channels }: StreamDescription): Samples {
  const timestamps = new Float64Array(samples)
  for (const run of runs) timestamps.set(run.timestamps, run.first)
  if (format === 'string') return { data: runs.flatMap(({ data }) => data as string[]), timestamps, first: 0 }
  const data = layouts[fileFormat(format)].make(samples * channels.length)
  // One format's arrays alike, which TypeScript cannot see.
  for (const run of runs) data.set(run.data as NumericArray & ArrayLike<never>, run.first * channels.length)
  return { data, timestamps, first: 0 }
}

const placesOf = (places: number): string => (places > 1 ? `the first of ${places} places; ` : '')
const offsetOf = ({ offset }: StreamError): { offset?: number } => (offset === undefined ? {} : { offset })

function readOf({ streams }: XdfFile): string {
  const samples = [...streams.values()].reduce((sum, { timestamps }) => sum + timestamps.length, 0)
  return `read were ${streams.size} ${streams.size === 1 ? 'stream' : 'streams'} and ${samples} samples`
}
