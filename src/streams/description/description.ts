import * as v from '../../guards/mod.ts'
import { encode } from '../../msgpack/mod.ts'
import { MAX_DESCRIPTION_BYTES, MAX_TEXT_LENGTH, StreamError } from '../shared/mod.ts'
import type { Format } from './formats.ts'

/** One channel of a stream (LSL: `desc/channels/channel`). */
export interface ChannelDescription {
  /** Such as `Fp1`. */
  label: string
  /** Such as `µV`; empty if unknown. */
  unit: string
  /** Such as `EEG`. */
  type: string
  /** Name of the track that became this channel, if it differs from the description's `name`. */
  name?: string
  /** Kind of that track, if it differs from the description's `kind`. */
  kind?: string
  /** `contentHint` of that track, if it differs from the label. */
  contentHint?: string
}

/** Describes a stream, with the fields of a Lab Streaming Layer stream and those of a media track. */
export interface StreamDescription {
  /** The stream's name for people (LSL: `name`). At most 512 UTF-16 code units, as PROTOCOL.md defines names. */
  name: string
  /** Such as `EEG`, `EMG`, `Markers`. */
  type: string
  /** Hz; 0 for an irregular stream. */
  nominalRate: number
  /** Unit of the source's timestamps. @default 'ms' */
  timeUnit: 's' | 'ms'
  /** False if receivers must not smooth the timestamps. @default true */
  dejitter?: boolean
  /** Type of the values. Every channel has the same. It cannot change after the first sample. */
  format: Format
  /** Identifies the device, also after it restarts; empty if unknown. */
  sourceId: string
  /** At least one. Each sample has one value of each channel, in this order. */
  channels: ChannelDescription[]
  /** The `kind` of the track that became this stream. */
  kind?: string
  /** The `contentHint` of that track (W3C MediaStreamTrack Content Hints). A stream of several tracks has none. */
  contentHint?: string
  /** Any other information that msgpack can encode. */
  metadata?: Record<string, unknown>
}

const text = v.text(MAX_TEXT_LENGTH)
const name = v.name(MAX_TEXT_LENGTH)
const format = v.oneOf('float32', 'float64', 'int8', 'int16', 'int24', 'int32', 'int64', 'string')

const channel = v.object({
  label: text,
  unit: text,
  type: text,
  name: v.optional(name),
  kind: v.optional(text),
  contentHint: v.optional(text),
})

const schema: v.Check<StreamDescription> = v.object({
  name,
  type: text,
  nominalRate: v.custom<number>(
    (value) => Number.isFinite(value) && (value as number) >= 0,
    'be a finite number from 0',
  ),
  timeUnit: v.optional(v.oneOf('s', 'ms'), 'ms'),
  dejitter: v.optional(v.boolean),
  format,
  sourceId: text,
  channels: v.array(channel, { least: 1 }),
  kind: v.optional(text),
  contentHint: v.optional(text),
  metadata: v.optional(v.record),
})

/**
 * Most levels of arrays and maps. A description itself has two. Seven are left for its metadata, so that a control with
 * it stays well below the 32 levels of a frame.
 */
const MAX_DEPTH = 9

/**
 * Validates a description.
 *
 * @returns a new object with exactly the fields of `StreamDescription`
 * @throws StreamError `bad-description`, whose message names the field
 */
export function checkDescription(value: unknown): StreamDescription {
  const invalid = (problem: string) => bad(`Cannot accept the description: ${problem}`)
  const description = v.checked(schema, value, invalid)
  const bytes = sizeOf(description)
  if (bytes <= MAX_DESCRIPTION_BYTES) return description
  throw bad(`Cannot accept a description of ${bytes} bytes: the limit is ${MAX_DESCRIPTION_BYTES}`)
}

const bad = (message: string, cause?: unknown): StreamError => new StreamError('bad-description', message, { cause })

function sizeOf(description: StreamDescription): number {
  try {
    return encode(description, MAX_DEPTH).length
  } catch (cause) {
    throw bad(`Cannot accept the description: its metadata cannot be encoded: ${(cause as Error).message}`, cause)
  }
}
