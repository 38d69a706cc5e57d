import { readChoice } from '../server/flags.ts'
import type { ChannelDescription, Format } from '../streams/mod.ts'
import { UsageError } from './command.ts'
import { readNumber } from './room-options.ts'

/** What comes from standard input. */
export interface InputOptions {
  input: 'lines' | 'msgpack'
  type: string
  format: Format
  /** Hz. */
  rate: number
  channels: ChannelDescription[]
  /** The same whenever it is started; empty where its user gave it no name to be known by. */
  sourceId: string
}

/** For `parseArgs`. */
export const inputFlags = {
  stdin: { type: 'boolean' },
  input: { type: 'string' },
  rate: { type: 'string' },
  channels: { type: 'string' },
  labels: { type: 'string' },
  unit: { type: 'string' },
  format: { type: 'string' },
  type: { type: 'string' },
} as const

type Given = { [Flag in Exclude<keyof typeof inputFlags, 'stdin'>]?: string | undefined }

const FORMATS = ['float32', 'float64', 'int8', 'int16', 'int24', 'int32', 'int64', 'string'] as const
const MAX_CHANNELS = 4_096
/** Hz; the fastest that a text could carry, and then some. */
const MAX_RATE = 10_000_000

/**
 * @param name that others see, where one was given
 * @throws UsageError
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
    throw new UsageError(`Cannot go on as --labels must name ${count} channels: it names ${labels.length}`)
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
