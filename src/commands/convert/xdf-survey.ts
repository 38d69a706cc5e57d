import { type PlacedClockOffset, readXdf, type StreamDescription, type StreamError } from '../../streams/mod.ts'
import { counted } from '../shared/counted.ts'
import { readWithProgress } from '../shared/progress.ts'

/** What an XDF file says of a stream, but for its samples. */
export interface SurveyedStream {
  description: StreamDescription
  offsets: PlacedClockOffset[]
  samples: number
  /** Of the first sample, by the clock of its source. */
  firstTimestamp: number | undefined
}

export interface Survey {
  /** By the numbers that the file has for them. */
  streams: Map<number, SurveyedStream>
  /** The first place that cannot be read, and how many there are. */
  damage: StreamError | undefined
  places: number
}

/**
 * Reads a file for what must be known before its first sample can be placed in time: the last clock offset has a say in
 * the first timestamp.
 *
 * @throws FileError
 */
export async function surveyXdf(path: string): Promise<Survey> {
  const streams = new Map<number, SurveyedStream>()
  let damage: StreamError | undefined
  let places = 0
  for await (const part of readXdf(readWithProgress(path, 'Reading'))) {
    if (part.kind === 'stream') {
      const { description } = part
      streams.set(part.stream, { description, offsets: [], samples: 0, firstTimestamp: undefined })
    } else if (part.kind === 'damage') {
      damage ??= part.error
      places++
    } else if (part.kind === 'samples') {
      const found = streams.get(part.stream) as SurveyedStream
      found.firstTimestamp ??= part.samples.timestamps[0]
      found.samples += part.samples.timestamps.length
    } else if (part.kind === 'offset') {
      const found = streams.get(part.stream) as SurveyedStream
      found.offsets.push({ ...part.offset, sample: found.samples })
    }
  }
  return { streams, damage, places }
}

/** What could not be read, for the user; undefined where all could. */
export const damageIn = ({ damage, places }: Pick<Survey, 'damage' | 'places'>): string | undefined =>
  damage && `${damage.message}${places > 1 ? `, and ${counted(places - 1, 'more place')}` : ''}`
