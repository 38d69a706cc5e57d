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

/** Samples of one stream, with their times in seconds since the start of the recording. */
export interface PlayableSamples {
  stream: number
  data: Samples['data']
  times: Float64Array
}

/** A recording to replay. */
export interface Playable {
  /** Descriptions of the streams, with timestamps in seconds, by the numbers that `read` yields. */
  streams: ReadonlyMap<number, StreamDescription>
  /** Returns a message about what was unreadable, if anything was. Call it after `read` has ended. */
  damage(): string | undefined
  /** Reads the recording from its start, in the file's order. Each call starts again. */
  read(): AsyncIterable<PlayableSamples>
}

/**
 * Largest distance between the starts of two streams, in seconds. If it is larger, nothing has compared their clocks,
 * and the later stream starts at once.
 */
const MAX_APART = 86_400

/**
 * Opens a recording: XDF, a file of the OpenBCI GUI, or CSV.
 *
 * @throws FileError if the program cannot read the file
 * @throws Failure if the file is empty or contains no stream
 * @throws StreamError `bad-recording` if nothing in the file is readable
 */
export async function openPlayable(path: string): Promise<Playable> {
  for await (const piece of userFiles.read(path)) {
    return isXdf(piece) ? openXdf(path) : openText(path)
  }
  throw new Failure(`Cannot replay ${path}: it is empty`)
}

async function openXdf(path: string): Promise<Playable> {
  const survey = await surveyXdf(path)
  const { streams, damage } = survey
  const known = [...streams].filter(([, { description }]) => description.channels.length > 0)
  if (known.length === 0) throw damage ?? new Failure(`Cannot replay ${path}: it contains no stream`)
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

/** Returns functions that convert each stream's timestamps to seconds since the start of the recording. */
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
