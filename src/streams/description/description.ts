import { Encoder } from '@msgpack/msgpack'
import * as v from 'valibot'
import { MAX_DESCRIPTION_BYTES, StreamError } from '../shared/mod.ts'
import type { Format } from './formats.ts'

/** One channel of a stream (LSL: `desc/channels/channel`). */
export interface ChannelDescription {
  /** Such as `Fp1`. */
  label: string
  /** Such as `µV`; empty where none is known. */
  unit: string
  /** Such as `EEG`. */
  type: string
  /** Of a track that the channel was made from, where the description's own `name`, `kind` and `contentHint` are others. */
  name?: string
  kind?: string
  contentHint?: string
}

/** What a stream is: the fields of a Lab Streaming Layer stream, and those of a media track. */
export interface StreamDescription {
  name: string
  /** Such as `EEG`, `EMG`, `Markers`. */
  type: string
  /** Hz; 0 where samples come when they come. */
  nominalRate: number
  /** Of the timestamps as the source gives them. @default 'ms' */
  timeUnit: 's' | 'ms'
  /** False where receivers should leave the timestamps as uneven as they are. @default true */
  dejitter?: boolean
  format: Format
  /** Of the device, the same whenever it is started; empty where none is known. */
  sourceId: string
  channels: ChannelDescription[]
  /** The `kind` and `contentHint` of a track that the stream was made from. */
  kind?: string
  contentHint?: string
  /** Whatever else there is to say, as msgpack can say it. */
  metadata?: Record<string, unknown>
}

const text = v.pipe(v.string(), v.maxLength(512))
const format = v.picklist(['float32', 'float64', 'int8', 'int16', 'int24', 'int32', 'int64', 'string'])

const channel = v.object({
  label: text,
  unit: text,
  type: text,
  name: v.optional(text),
  kind: v.optional(text),
  contentHint: v.optional(text),
})

const schema: v.GenericSchema<unknown, StreamDescription> = v.object({
  name: text,
  type: text,
  nominalRate: v.pipe(v.number(), v.finite(), v.minValue(0)),
  timeUnit: v.optional(v.picklist(['s', 'ms']), 'ms'),
  dejitter: v.optional(v.boolean()),
  format,
  sourceId: text,
  channels: v.pipe(v.array(channel), v.minLength(1)),
  kind: v.optional(text),
  contentHint: v.optional(text),
  metadata: v.optional(v.record(v.string(), v.unknown())),
})

/** A description nests two deep by itself; this leaves its metadata eight, and the frame around it plenty. */
const encoder = new Encoder({ ignoreUndefined: true, maxDepth: 10 })

/**
 * A description, checked: a new object of exactly the fields above.
 *
 * @throws StreamError `bad-description`, which names the field
 */
export function checkDescription(value: unknown): StreamDescription {
  const result = v.safeParse(schema, value)
  if (!result.success) {
    const [issue] = result.issues
    const field = v.getDotPath(issue) ?? 'it'
    throw new StreamError('bad-description', `Cannot take the description as ${field} is wrong: ${issue.message}`)
  }
  const bytes = sizeOf(result.output)
  if (bytes > MAX_DESCRIPTION_BYTES) {
    const message = `Cannot take the description as it must fit in ${MAX_DESCRIPTION_BYTES} bytes: it has ${bytes}`
    throw new StreamError('bad-description', message)
  }
  return result.output
}

function sizeOf(description: StreamDescription): number {
  try {
    return encoder.encodeSharedRef(description).length
  } catch (cause) {
    const message = `Cannot take the description as its metadata is no msgpack: ${(cause as Error).message}`
    throw new StreamError('bad-description', message, { cause })
  }
}
