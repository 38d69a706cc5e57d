import type { Chunk, RemotePeer } from '../../src/peer/mod.ts'

/** Somebody else in the room. */
export interface RoomPeer {
  peer: number
  name: string
}

/** Samples of somebody else. */
export interface RemoteSamples extends RoomPeer {
  stream: string
  /** The samples of each channel, by its label. */
  data: Record<string, (number | string | bigint)[]>
  /** When each was taken, in ms since 1970 by one's own clock. */
  timestamps: number[]
  /** How many were lost right before these. */
  missed: number
}

export const peerOf = ({ id, info }: RemotePeer): RoomPeer => ({
  peer: id,
  name: typeof info.name === 'string' ? info.name : String(id),
})

export function samplesIn({
  channels,
  data,
  samples,
  timestamps,
  missed,
}: Chunk): Pick<RemoteSamples, 'data' | 'timestamps' | 'missed'> {
  const width = channels.length
  // Labels are somebody else's: two may be the same.
  const labels = new Set(channels).size === width ? channels : channels.map((_, channel) => String(channel))
  const samplesOf = (channel: number) =>
    Array.from({ length: samples }, (_, i) => data[i * width + channel] as number | string | bigint)
  return {
    data: Object.fromEntries(labels.map((label, channel) => [label, samplesOf(channel)])),
    timestamps: Array.from(timestamps, (seconds) => seconds * 1000),
    missed,
  }
}
