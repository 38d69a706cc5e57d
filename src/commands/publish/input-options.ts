import { readChoice } from '../../server/program/flags.ts'
import type { ChannelDescription, Format } from '../../streams/mod.ts'
import { UsageError } from '../shared/command.ts'
import { readNumber } from '../shared/room-options.ts'

/** How to read standard input, and how to describe its stream. */
export interface InputOptions {
  input: 'lines' | 'msgpack'
  type: string
  format: Format
  /** Nominal rate, in Hz; 0 for an irregular stream. */
  rate: number
  channels: ChannelDescription[]
  /** Identifies the source; the same at every start. Empty if the user gave no `--name`. */
  sourceId: string
}

const FORMATS = ['float32', 'float64', 'int8', 'int16', 'int24', 'int32', 'int64', 'string'] as const

/** The options for standard input. */
export const inputFlags = {
  stdin: {
    type: 'boolean',
    help: 'reads samples from standard input: N values a line, separated by commas, spaces or tabs',
  },
  input: {
    type: 'string',
    value: 'lines|msgpack',
    help: 'msgpack: one array of N values for each sample (default lines)',
  },
  rate: { type: 'string', value: 'HZ', help: 'nominal rate (default 0: irregular)' },
  channels: { type: 'string', value: 'N', help: 'values of a sample (default: the number of labels, or 1)' },
  labels: { type: 'string', value: 'A,B,…', help: 'one label for each channel' },
  unit: { type: 'string', value: 'UNIT', help: 'unit of all channels, such as µV' },
  format: {
    type: 'string',
    value: 'FORMAT',
    help: 'float32, float64, int8, int16, int24, int32, int64 or string (default float32)',
  },
  type: { type: 'string', value: 'TYPE', help: 'type of the stream, such as EEG; it is also the name of the stream' },
} as const

type Given = { [Flag in Exclude<keyof typeof inputFlags, 'stdin'>]?: string | undefined }

const MAX_CHANNELS = 4_096
/** In Hz; more than a text could carry. */
const MAX_RATE = 10_000_000

/**
 * Reads the options for standard input.
 *
 * @param name what peers see, if the user gave one
 * @throws UsageError if a value is invalid
 */
export function readInputOptions(given: Given, name: string | undefined): InputOptions {
  const { input = 'lines', format = 'float32', unit = '', type = '' } = given
  const rate = readNumber(given.rate ?? '0', '--rate', (rate) => rate >= 0 && rate <= MAX_RATE, `in 0..${MAX_RATE}`)
  const labels = given.labels?.split(',').map((label) => label.trim())
  const count = readNumber(
    given.channels ?? String(labels?.length ?? 1),
    '--channels',
    (count) => Number.isInteger(count) && count >= 1 && count <= MAX_CHANNELS,
    `in 1..${MAX_CHANNELS}`,
  )
  if (labels !== undefined && labels.length !== count) {
    throw new UsageError(`--labels must name ${count} channels: it names ${labels.length}`)
  }
  return {
    input: readChoice(input, '--input', ['lines', 'msgpack']),
    type,
    format: readChoice(format, '--format', FORMATS),
    rate,
    sourceId: name === undefined ? '' : `${name}: ${type}`,
    channels: Array.from({ length: count }, (_, i) => ({ label: labels?.[i] ?? String(i + 1), unit, type })),
  }
}
