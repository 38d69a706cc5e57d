import { join, StreamError } from '../shared/mod.ts'
import { type RecordingHead, RecordingParser, type RecordingRows } from './recording-parser.ts'

/** A recorded session. */
export interface Recording extends RecordingHead {
  /** One for each channel. */
  samples: Float64Array<ArrayBuffer>[]
  /** ms, one for each row. */
  timestamps: Float64Array<ArrayBuffer>
}

/** The error for text that is not a recording, is cut short or is damaged. */
export class RecordingError extends StreamError {
  /** `RecordingError`. It identifies the error where `instanceof` fails: if the package is loaded twice. */
  override readonly name = 'RecordingError'
  /** The rows before the fault. It has no channels if no column names were read. */
  readonly partial: Recording

  /** Creates the error for a fault. `parseRecording` throws it. */
  constructor(fault: StreamError, partial: Recording) {
    const { line, offset } = fault as StreamError & { line: number; offset: number }
    const rows = partial.timestamps.length
    const message = `${fault.message} (read ${rows === 1 ? 'was 1 row' : `were ${rows} rows`})`
    super('bad-recording', message, { line, offset, cause: fault })
    this.partial = partial
  }
}

/**
 * Reads a text recording: a `.txt` file of the OpenBCI GUI, or a CSV file with a line of column names. A CSV column
 * `time` or `timestamp` is the time in ms, or in seconds if its name is `time (s)`.
 *
 * @param text a string, or the file's bytes
 * @throws RecordingError with the line and the byte of the fault, and all rows before it in `partial`
 *
 * @example
 * ```ts
 * import { parseRecording } from 'datastreams-webrtc/streams'
 *
 * const { labels, samples } = parseRecording('time,left (µV),right (µV)\n0,1.5,2\n4,1.75,3')
 * console.log(labels, samples[0]) // [ 'left', 'right' ] Float64Array(2) [ 1.5, 1.75 ]
 * ```
 */
export function parseRecording(text: string | Uint8Array): Recording {
  const parser = new RecordingParser()
  const runs: RecordingRows[] = []
  try {
    runs.push(parser.push(typeof text === 'string' ? new TextEncoder().encode(text) : text))
    runs.push(parser.end())
  } catch (error) {
    if (!(error instanceof StreamError)) throw error
    throw new RecordingError(error, gather(runs, parser.head))
  }
  return gather(runs, parser.head)
}

function gather(runs: readonly RecordingRows[], head: RecordingHead | undefined): Recording {
  const { labels, units, nominalRate } = head ?? { labels: [], units: [], nominalRate: 0 }
  const timestamps = join(
    Float64Array,
    runs.map(({ timestamps }) => timestamps),
  )
  const data = join(
    Float64Array,
    runs.map(({ data }) => data),
  )
  const width = labels.length
  const samples = labels.map((_, channel) =>
    Float64Array.from(timestamps, (_, row) => data[row * width + channel] as number),
  )
  return { labels, units, nominalRate, samples, timestamps }
}
