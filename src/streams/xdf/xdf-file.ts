import type { Samples } from '../chunks/mod.ts'
import { layouts, type NumericArray, type StreamDescription } from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import type { XdfClockOffset, XdfFooter } from './xdf-chunks.ts'
import { fileFormat } from './xdf-format.ts'
import type { XdfOrigin } from './xdf-header.ts'
import { type XdfPart, XdfReader } from './xdf-reader.ts'
import type { XmlElement } from './xml.ts'

/** A clock offset, and its place among the samples. */
export interface PlacedClockOffset extends XdfClockOffset {
  /** Number of the stream's samples that precede the offset in the file. */
  sample: number
}

/** Everything that a file contains about a stream. */
export interface XdfStream extends Samples {
  /** What the header says about the stream. Its `timeUnit` is `s`. */
  description: StreamDescription
  /** Where the stream came from, as far as the header says it. */
  origin: XdfOrigin
  /** The offsets from the source's clock to the recorder's, in the order of the file. `alignStamps` takes them. */
  clockOffsets: PlacedClockOffset[]
  /** Undefined if the recording was cut short. */
  footer: XdfFooter | undefined
  /** The complete header, including elements for which the description has no field. */
  header: XmlElement
}

/** Everything that a file contains. */
export interface XdfFile {
  /** The file header (XDF 1.0, chunk FileHeader); undefined if it is missing or damaged. */
  header: XmlElement | undefined
  /** Streams by their number in the file, in the order of their headers. */
  streams: Map<number, XdfStream>
  /** Number of chunks of kinds that XDF 1.0 does not define. The reader skips them. */
  unknown: number
}

/** The error for a file that is not XDF, is cut short or is damaged. */
export class XdfError extends StreamError {
  /** `XdfError`. It identifies the error where `instanceof` fails: if the package is loaded twice. */
  override readonly name = 'XdfError'
  /** Everything that could be read, including data after the damage. */
  readonly partial: XdfFile
  /** Number of places that could not be read. The message describes the first. */
  readonly places: number

  /** Creates the error for a damaged file. `parseXdf` throws it. */
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
 * Reads a whole XDF 1.0 file, of LabRecorder or any other writer. Timestamps are those of the file, in seconds on the
 * clock of each stream's source. `alignStamps` converts them to the recorder's clock.
 *
 * @throws XdfError with the byte of the first fault, and everything that could be read in `partial`
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

/**
 * Reads an XDF file as its bytes arrive, and yields its parts. Memory holds only one chunk. The function yields damage
 * as a part and does not throw.
 */
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
    // The reader yields a stream before anything that belongs to it.
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
  // All arrays have the type of the same format, which TypeScript cannot infer.
  for (const run of runs) data.set(run.data as NumericArray & ArrayLike<never>, run.first * channels.length)
  return { data, timestamps, first: 0 }
}

const placesOf = (places: number): string => (places > 1 ? `the first of ${places} places; ` : '')
const offsetOf = ({ offset }: StreamError): { offset?: number } => (offset === undefined ? {} : { offset })

function readOf({ streams }: XdfFile): string {
  const samples = [...streams.values()].reduce((sum, { timestamps }) => sum + timestamps.length, 0)
  return `read were ${streams.size} ${streams.size === 1 ? 'stream' : 'streams'} and ${samples} samples`
}
