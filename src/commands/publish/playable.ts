import { userFiles } from '../../server/runtime/user-files.ts'
import {
  createAlignment,
  RecordingParser,
  readXdf,
  type Samples,
  type StreamDescription,
  StreamError,
} from '../../streams/mod.ts'
import { isXdf } from '../../streams/xdf/xdf-format.ts'
import { describeText } from '../convert/text-to-xdf.ts'
import { damageIn, type SurveyedStream, surveyXdf } from '../convert/xdf-survey.ts'
import { Failure } from '../shared/command.ts'

/** Samples of one stream, with their times in seconds since the recording began. */
export interface PlayableSamples {
  stream: number
  data: Samples['data']
  times: Float64Array
}

/** A recording that can be replayed. */
export interface Playable {
  /** With timestamps in seconds, by the numbers that `read` has for them. */
  streams: ReadonlyMap<number, StreamDescription>
  /** What could not be read, once all was read. */
  damage(): string | undefined
  /** From its beginning, in the file's order; may be read again. */
  read(): AsyncIterable<PlayableSamples>
}

/** Streams whose clocks are further apart than this, in seconds, were not compared: each begins at once. */
const MAX_APART = 86_400

/**
 * Opens an XDF file, what the OpenBCI GUI saves, or CSV.
 *
 * @throws FileError, Failure, StreamError `bad-recording` where nothing in it can be read
 */
export async function openPlayable(path: string): Promise<Playable> {
  for await (const piece of userFiles.read(path)) {
    return isXdf(piece) ? openXdf(path) : openText(path)
  }
  throw new Failure(`Cannot replay ${path} as it is empty`)
}

async function openXdf(path: string): Promise<Playable> {
  const survey = await surveyXdf(path)
  const { streams, damage } = survey
  const known = [...streams].filter(([, { description }]) => description.channels.length > 0)
  if (known.length === 0) throw damage ?? new Failure(`Cannot replay ${path} as there is no stream in it`)
  const clocks = new Map(clocksOf(new Map(known)))
  return {
    streams: new Map(known.map(([number, { description }]) => [number, description])),
    damage: () => damageIn(survey),
    async *read() {
      for await (const part of readXdf(userFiles.read(path))) {
        const clock = part.kind === 'samples' && clocks.get(part.stream)
        if (!clock) continue
        const { data, timestamps, first } = part.samples
        yield { stream: part.stream, data, times: timestamps.map((stamp, i) => clock(stamp, first + i)) }
      }
    },
  }
}

/** How each stream's timestamps become seconds since the recording began. */
function clocksOf(streams: ReadonlyMap<number, SurveyedStream>): [number, (stamp: number, sample: number) => number][] {
  const aligned = [...streams].map(([number, { offsets, firstTimestamp }]) => {
    const align = createAlignment(offsets)
    return { number, align, first: firstTimestamp === undefined ? Infinity : align(firstTimestamp, 0) }
  })
  const begin = Math.min(...aligned.map(({ first }) => first))
  return aligned.map(({ number, align, first }) => {
    const zero = first - begin > MAX_APART ? first : begin
    return [number, (stamp, sample) => align(stamp, sample) - zero]
  })
}

async function openText(path: string): Promise<Playable> {
  const parser = new RecordingParser()
  let begin: number | undefined
  for await (const piece of userFiles.read(path)) {
    begin = parser.push(piece).timestamps[0]
    if (begin !== undefined) break
  }
  begin ??= parser.end().timestamps[0] as number
  const description = describeText(parser.head as NonNullable<typeof parser.head>, path)
  let damage: string | undefined
  return {
    streams: new Map([[0, { ...description, timeUnit: 's' }]]),
    damage: () => damage,
    async *read() {
      try {
        for await (const { data, timestamps } of rowsOf(path)) {
          yield { stream: 0, data, times: timestamps.map((stamp) => (stamp - (begin as number)) / 1000) }
        }
      } catch (error) {
        if (!(error instanceof StreamError)) throw error
        damage = error.message
      }
    },
  }
}

async function* rowsOf(path: string) {
  const parser = new RecordingParser()
  for await (const piece of userFiles.read(path)) yield parser.push(piece)
  yield parser.end()
}
