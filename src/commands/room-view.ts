import type { Membership, RemotePeer, RemoteTrack, VerifiedIdentity } from '../peer/mod.ts'
import { now } from '../streams/mod.ts'
import { counted } from './shared/counted.ts'
import { labelled, nameOf } from './shared/in-room.ts'

/** The state of a room at one moment. Unknown numbers are null. */
export interface RoomSnapshot {
  room: string
  /** Seconds since 1970. */
  time: number
  people: Person[]
}

interface Person {
  id: number
  /** What the peer calls itself. */
  name: string
  /** Who the peer is, as the server has verified it; null if it has not. */
  identity: VerifiedIdentity | null
  state: string
  /** Round-trip time of the link in seconds, and whether its route goes through a TURN server. */
  roundTrip: number | null
  relayed: boolean | null
  /** The peer's clock − our own clock, and the maximum error of that, in seconds. */
  clock: { offset: number; errorBound: number } | null
  streams: Stream[]
}

interface Stream {
  name: string
  type: string
  format: string
  channels: { label: string; unit: string }[]
  /** Hz; 0 for an irregular stream. */
  nominalRate: number
  /** Samples a second since the snapshot before. */
  rate: number
  samples: number
  missed: number
}

/** Takes snapshots of a room, and computes rates from the samples between two snapshots. */
export class RoomView {
  readonly #room: Membership
  #at: number = now()
  /** Samples of each stream at the last snapshot, by the stream's first track. */
  #samples = new Map<RemoteTrack, number>()

  constructor(room: Membership) {
    this.#room = room
  }

  async look(): Promise<RoomSnapshot> {
    const time = now()
    const seconds = time - this.#at
    const before = this.#samples
    this.#at = time
    this.#samples = new Map()
    const streamOf = (track: RemoteTrack): Stream => {
      const { description, samples, missed } = track
      const { name, type, format, nominalRate, channels } = description
      this.#samples.set(track, samples)
      const rate = (samples - (before.get(track) ?? 0)) / seconds
      const labels = channels.map(({ label, unit }) => ({ label, unit }))
      return { name, type, format, channels: labels, nominalRate, rate, samples, missed }
    }
    const people: Person[] = []
    for (const peer of [...this.#room.peers.values()]) {
      const streams = firstTracksOf(peer).map(streamOf)
      const stats = await peer.stats()
      const { offset, errorBound } = peer.clock
      people.push({
        id: peer.id,
        name: nameOf(peer),
        identity: peer.identity ?? null,
        state: peer.state,
        roundTrip: stats?.roundTrip ?? null,
        relayed: stats?.relayed ?? null,
        clock: Number.isFinite(errorBound) ? { offset, errorBound } : null,
        streams,
      })
    }
    return { room: this.#room.name, time, people }
  }
}

/** Returns a heading, one line for each stream, and one line for each peer without streams. */
export function linesOf({ room, people, time }: RoomSnapshot): string[] {
  const clock = new Date(time * 1000).toLocaleTimeString()
  const count = people.length === 1 ? '1 other person' : `${people.length} other people`
  return [`${clock} ${room}: ${count}`, ...people.flatMap(linesOfPerson)]
}

function linesOfPerson({ name, identity, state, roundTrip, relayed, streams }: Person): string[] {
  const way = [state, relayed ? 'relayed' : '', roundTrip === null ? '' : `${Math.round(roundTrip * 1000)} ms`]
  const person = `${labelled(name, identity?.auth)} (${way.filter((word) => word !== '').join(', ')})`
  if (streams.length === 0) return [`${person}: no streams`]
  return streams.map(({ name, type, format, channels, nominalRate, rate, samples, missed }) => {
    const kind = type === '' || type === name ? '' : ` [${type}]`
    const rates = `${nominalRate === 0 ? 'irregular' : `${nominalRate} Hz`}, now ${rate.toFixed(1)} Hz`
    return `${person}: ${name}${kind} ${channels.length} × ${format}, ${rates}, ${counted(samples, 'sample')}, ${missed} missed`
  })
}

/** Returns the first track of each stream that a peer publishes. */
const firstTracksOf = (peer: RemotePeer): RemoteTrack[] =>
  [...peer.streams.values()].flatMap((stream) => stream.getDataTracks().filter(({ channel }) => channel === 0))
