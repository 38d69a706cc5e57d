import type { Chunk, RemotePeer } from '../../src/peer/mod.ts'

/** Another peer in the room. */
export interface RoomPeer {
  /** The user id that the server gave to the peer. It changes after a fresh start. */
  peer: number
  /** The `name` in the peer's info; its id in decimal if it has none. */
  name: string
}

/** Samples that another peer published. */
export interface RemoteSamples extends RoomPeer {
  /** The name that the peer gave to its publication. */
  stream: string
  /** The samples of each channel, by its label. */
  data: Record<string, (number | string | bigint)[]>
  /** Time of each sample, in ms since 1970 on the receiver's clock. */
  timestamps: number[]
  /** Number of samples lost directly before these. */
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
  // The publisher chose the labels, so two may be the same. Then use the channels' numbers.
  const labels = new Set(channels).size === width ? channels : channels.map((_, channel) => String(channel))
  const samplesOf = (channel: number) =>
    Array.from({ length: samples }, (_, i) => data[i * width + channel] as number | string | bigint)
  return {
    data: Object.fromEntries(labels.map((label, channel) => [label, samplesOf(channel)])),
    timestamps: Array.from(timestamps, (seconds) => seconds * 1000),
    missed,
  }
}
