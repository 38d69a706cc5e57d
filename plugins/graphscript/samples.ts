import type { Chunk, RemotePeer } from '../../src/peer/mod.ts'
import type { SourceLike } from '../../src/streams/mod.ts'

/** Somebody else in the room. */
export interface RoomPeer {
  peer: number
  name: string
}

/** Samples of somebody else. */
export interface RemoteSamples extends RoomPeer {
  stream: string
  /** The samples of each channel, by its label; a node can be run with this. */
  data: Record<string, (number | string | bigint)[]>
  /** When each was taken, in ms since 1970 by one's own clock. */
  timestamps: number[]
  /** How many were lost right before these. */
  missed: number
}

/** What `room.publish` follows by itself: known by its shape, as there. */
export const isSource = (input: unknown): input is SourceLike =>
  ['subscribe', 'getTracks', 'getReader', 'stop', Symbol.asyncIterator].some(
    (name) => typeof (input as Record<PropertyKey, unknown> | null)?.[name] === 'function',
  )

export interface Columns {
  labels: string[]
  /** Sample after sample. */
  values: unknown[]
  timestamp: number | ArrayLike<number> | undefined
}

/** @throws TypeError where the channels have not as many samples each */
export function samplesOf(input: unknown): Columns {
  const channels = isObject(input) ? { ...input } : [input]
  const { timestamp, ...columns } = channels as Record<string, unknown> & { timestamp?: number }
  const labels = Object.keys(columns)
  const samples = Object.values(columns).map((column) => (isList(column) ? column : [column]))
  const length = samples[0]?.length ?? 0
  if (samples.some((column) => column.length !== length)) {
    throw new TypeError(`Cannot publish channels that have not as many samples each: the first has ${length}`)
  }
  const values = Array.from({ length }, (_, i) => samples.map((column) => column[i])).flat()
  return { labels, values, timestamp }
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

export const peerOf = ({ id, info }: RemotePeer): RoomPeer => ({
  peer: id,
  name: typeof info.name === 'string' ? info.name : String(id),
})

export function columnsOf({
  channels,
  data,
  samples,
  timestamps,
  missed,
}: Chunk): Omit<RemoteSamples, 'stream' | keyof RoomPeer> {
  // Labels are somebody else's: two may be the same.
  const labels = new Set(channels).size === channels.length ? channels : channels.map((_, channel) => String(channel))
  const column = (channel: number) => Array.from({ length: samples }, (_, i) => data[i * channels.length + channel])
  return {
    data: Object.fromEntries(labels.map((label, channel) => [label, column(channel) as (number | string | bigint)[]])),
    timestamps: Array.from(timestamps, (seconds) => seconds * 1000),
    missed,
  }
}
