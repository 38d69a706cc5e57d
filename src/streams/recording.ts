import { RecordingParser, type RecordingRows } from './recording-parser.ts'

/** A recorded session. */
export interface Recording {
  /** One for each channel. */
  labels: string[]
  /** One for each channel; empty where none is known. */
  units: string[]
  /** Hz; 0 where the file does not say. */
  nominalRate: number
  /** One for each channel. */
  samples: Float64Array<ArrayBuffer>[]
  /** ms, one for each row. */
  timestamps: Float64Array<ArrayBuffer>
}

/**
 * Reads a recording's text: what the OpenBCI GUI saves as `.txt`, or a CSV file with a line of column names, of which
 * one (`time`, `timestamp`) may be the time in ms, or in s where it says so as `time (s)`.
 *
 * @throws StreamError `bad-recording` with the line at fault
 *
 * @example
 * ```ts
 * import { parseRecording } from 'datastreams-webrtc/streams'
 *
 * const { labels, samples } = parseRecording('time,left (µV),right (µV)\n0,1.5,2\n4,1.75,3')
 * console.log(labels, samples[0]) // [ 'left', 'right' ] Float64Array(2) [ 1.5, 1.75 ]
 * ```
 */
export function parseRecording(text: string): Recording {
  const parser = new RecordingParser()
  const runs = [parser.push(text), parser.end()]
  const { labels, units, nominalRate } = parser.head as NonNullable<typeof parser.head>
  const timestamps = join(runs.map(({ timestamps }) => timestamps))
  const data = join(runs.map(({ data }) => data))
  const width = labels.length
  const samples = labels.map((_, channel) =>
    Float64Array.from(timestamps, (_, row) => data[row * width + channel] as number),
  )
  return { labels, units, nominalRate, samples, timestamps }
}

function join(runs: readonly RecordingRows['data'][]): Float64Array<ArrayBuffer> {
  const whole = new Float64Array(runs.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const run of runs) {
    whole.set(run, at)
    at += run.length
  }
  return whole
}
