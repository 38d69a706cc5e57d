import * as v from '../../guards/mod.ts'
import {
  checkDescription,
  MAX_MESSAGE_BYTES,
  MAX_TEXT_LENGTH,
  type StreamDescription,
  StreamError,
} from '../../streams/mod.ts'
import { decodeValue, encodeValue } from './codec.ts'

/** A message on a data channel about its streams. The sender chooses the numbers. */
export type Control =
  /** The first message of each peer on a link. It requests publications, with the last `history` seconds. */
  | ['want', Want]
  /** The answer to a `want` with `resume`: what continues. Everything else that the receiver knew has ended. */
  | ['resume', publications: number[], streams: number[]]
  /** The sender's new id. */
  | ['moved', id: number]
  | ['publish', publication: number, PublicationInfo]
  | ['track', publication: number, ...AnnouncedStream]
  | ['describe', stream: number, StreamDescription]
  /** `samples` is the stream's total. */
  | ['untrack', stream: number, samples: number]
  /** Ends the publication, and each remaining stream as `untrack` does. */
  | ['unpublish', publication: number, streams: [stream: number, samples: number][]]
  /** The answer to `unpublish`: everything before it was received. */
  | ['received', publication: number]

export interface Want {
  /** Seconds of past samples. */
  history: number
  /** Reliable streams known from an earlier link, with the number of the next sample that the receiver needs. */
  resume?: [stream: number, next: number][]
  /** Streams whose end the receiver has seen. */
  ended?: number[]
}

/** `from` is the number of the first sample that will come. Only reliable streams have it. */
export type AnnouncedStream = [stream: number, description: StreamDescription, from?: number]

/** Maximum streams in `resume`, and in `ended`: one peer may have as many streams. */
export const MAX_WANTED_STREAMS = 4_096

export interface PublicationInfo {
  name: string
  /** The id of the MediaStream with its audio and video. */
  media?: string
  /** Undefined for reliable delivery. */
  delivery?: 'latest' | 'deadline'
  tracks: AnnouncedStream[]
}

/** Bytes of descriptions in one `publish`. Further ones follow as `track`. */
const MAX_PUBLISH_BYTES = MAX_MESSAGE_BYTES / 2

/** Encodes a publication and its streams as messages within the size limit. */
export function* announce(publication: number, info: PublicationInfo): Generator<Uint8Array<ArrayBuffer>> {
  const tracks: PublicationInfo['tracks'] = []
  const rest: PublicationInfo['tracks'] = []
  let bytes = 0
  for (const track of info.tracks) {
    bytes += encodeValue(track).length
    if (bytes < MAX_PUBLISH_BYTES) tracks.push(track)
    else rest.push(track)
  }
  yield encodeControl(['publish', publication, { ...info, name: info.name.normalize(), tracks }])
  for (const track of rest) yield encodeControl(['track', publication, ...track])
}

export const encodeControl = (control: Control): Uint8Array<ArrayBuffer> => encodeValue(control)

/** Whether a message is a control, not a chunk: its first element is a string of less than 32 bytes. */
export const isControl = (bytes: Uint8Array): boolean => ((bytes[1] ?? 0) & 0xe0) === 0xa0

const PUBLISH = new TextEncoder().encode('publish')
/** Whether a control's word is `publish`, which follows the headers of its array and of the word. */
export const isPublish = (control: Uint8Array): boolean =>
  control[1] === 0xa0 + PUBLISH.length && PUBLISH.every((byte, i) => control[i + 2] === byte)

const described: v.Check<StreamDescription> = (value) => {
  try {
    return checkDescription(value)
  } catch (error) {
    throw new v.InvalidError((error as Error).message)
  }
}

const info = v.object({
  name: v.name(MAX_TEXT_LENGTH),
  media: v.optional(v.text(MAX_TEXT_LENGTH)),
  delivery: v.optional(v.oneOf('latest', 'deadline')),
  tracks: v.array(v.tuple(v.count, described, v.optional(v.count))),
})
const wanted = { most: MAX_WANTED_STREAMS }
const pair = v.tuple(v.count, v.count)
const want = v.object({
  history: v.custom<number>((value) => v.number(value) >= 0, 'be 0 or more'),
  resume: v.optional(v.array(pair, wanted)),
  ended: v.optional(v.array(v.count, wanted)),
})
const forms: Record<Control[0], v.Check<unknown>[]> = {
  want: [want],
  resume: [v.array(v.count), v.array(v.count)],
  moved: [v.custom((value) => v.count(value) > 0, 'be 1 or more')],
  publish: [v.count, info],
  track: [v.count, v.count, described, v.optional(v.count)],
  describe: [v.count, described],
  untrack: [v.count, v.count],
  received: [v.count],
  unpublish: [v.count, v.array(pair)],
}

/**
 * @returns undefined for an unknown word, which a later version may send
 * @throws StreamError `bad-control` for an invalid control
 */
export function readControl(bytes: Uint8Array): Control | undefined {
  const message = decode(bytes)
  const word = Array.isArray(message) ? message[0] : undefined
  if (typeof word !== 'string')
    throw new StreamError('bad-control', 'Cannot read a control: its first element must be a word')
  if (!Object.hasOwn(forms, word)) return undefined
  const form = v.tuple(v.oneOf(word), ...forms[word as Control[0]])
  const invalid = (problem: string) => new StreamError('bad-control', `Cannot read the control ${word}: ${problem}`)
  return v.checked(form, message, invalid) as unknown as Control
}

function decode(bytes: Uint8Array): unknown {
  try {
    return decodeValue(bytes)
  } catch (cause) {
    throw new StreamError('bad-control', `Cannot read a control: ${(cause as Error).message}`, { cause })
  }
}
