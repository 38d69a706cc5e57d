import { type PlacedClockOffset, readXdf, type StreamDescription, type StreamError } from '../../streams/mod.ts'
import { counted } from '../shared/counted.ts'
import { readWithProgress } from '../shared/progress.ts'

/** What an XDF file contains about a stream, except its samples. */
export interface SurveyedStream {
  description: StreamDescription
  offsets: PlacedClockOffset[]
  samples: number
  /** Timestamp of the first sample, on the clock of its source. */
  firstTimestamp: number | undefined
}

export interface Survey {
  /** The streams, by their numbers in the file. */
  streams: Map<number, SurveyedStream>
  /** The first unreadable place, and the number of such places. */
  damage: StreamError | undefined
  places: number
}

/**
 * Reads what the program must know before it can place the first sample in time. Even the last clock offset in the
 * file influences the first timestamp.
 *
 * @throws FileError if the program cannot read the file
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

/** Returns a message about what is unreadable, for the user; undefined if everything was readable. */
export const damageIn = ({ damage, places }: Pick<Survey, 'damage' | 'places'>): string | undefined =>
  damage && `${damage.message}${places > 1 ? `, and ${counted(places - 1, 'more place')}` : ''}`
