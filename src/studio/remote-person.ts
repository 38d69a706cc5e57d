import type { Chunk, RemotePeer, RemoteStream, RemoteTrack } from '../peer/mod.ts'
import { type Card, createCard } from './card.ts'
import { showError } from './elements.ts'

/** Somebody else in the room: their card, kept in step with what they share until they leave. */
export function showPerson(parent: HTMLElement, peer: RemotePeer): Card {
  const name = nameOf(peer)
  const card = createCard(parent, name, 'Shares nothing at the moment')
  card.element.dataset.peer = String(peer.id)
  const tellState = () => card.setState(peer.state)
  tellState()
  for (const change of ['connect', 'close']) peer.addEventListener(change, tellState)
  peer.addEventListener('error', ({ detail }) => showError(`${name}: ${detail.message}`))

  const follow = (stream: RemoteStream) => void draw(stream, card)
  for (const stream of peer.streams.values()) follow(stream)
  peer.addEventListener('stream', ({ detail }) => follow(detail))
  return card
}

/** Reads a stream to its end. Tracks come, change and go meanwhile; those of text have nothing to draw. */
async function draw(stream: RemoteStream, card: Card): Promise<void> {
  // A stream's first track stands for all its channels, as it does in chunks.
  const look = (track: RemoteTrack) => {
    if (track.channel > 0) return
    card.removeTrack(track.id)
    if (track.readyState === 'live' && track.description.format !== 'string') card.addTrack(track.id, track.description)
  }
  const follow = (track: RemoteTrack) => {
    look(track)
    track.addEventListener('describe', () => look(track))
    track.addEventListener('ended', () => look(track))
  }
  for (const track of stream.getDataTracks()) follow(track)
  stream.addEventListener('addtrack', ({ track }) => follow(track))
  for await (const { track, data, timestamps, first, missed } of stream) {
    const stamps = timestamps.map((seconds) => seconds * 1000)
    if (isNumeric(data)) card.add(track.id, { data, timestamps: stamps, first }, missed)
  }
}

const isNumeric = (data: Chunk['data']): data is Exclude<Chunk['data'], string[]> => !Array.isArray(data)

/** What a person calls themself; anything may stand in an info, so anything else gets a number. */
function nameOf({ id, info }: RemotePeer): string {
  return typeof info.name === 'string' && info.name.trim() !== '' ? info.name.slice(0, 64) : `Person ${id % 10_000}`
}
