import type { RemotePeer, RemoteStream } from '../peer/mod.ts'
import { type Card, createCard } from './card.ts'
import { showError } from './elements.ts'

/** Somebody else in the room: their card, kept in step with what they share until they leave. */
export function showPerson(parent: HTMLElement, peer: RemotePeer): Card {
  const name = nameOf(peer)
  const card = createCard(parent, name, 'Shares nothing yet')
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

/** Reads a stream to its end. Tracks come and go meanwhile; those of text have nothing to draw. */
async function draw(stream: RemoteStream, card: Card): Promise<void> {
  const keys = new Map<object, string>()
  const add = (track: (typeof stream)['tracks'] extends Map<unknown, infer Track> ? Track : never) => {
    if (track.description.format === 'string') return
    keys.set(track, `${stream.id} ${track.id}`)
    card.addTrack(`${stream.id} ${track.id}`, track.description)
  }
  for (const track of stream.getDataTracks()) add(track)
  stream.addEventListener('addtrack', ({ track }) => add(track))
  stream.addEventListener('removetrack', ({ track }) => {
    const key = keys.get(track)
    if (key !== undefined) card.removeTrack(key)
    keys.delete(track)
  })
  for await (const { track, data, timestamps, first, missed } of stream) {
    const key = keys.get(track)
    if (key !== undefined) card.add(key, { data, timestamps, first }, missed)
  }
  for (const key of keys.values()) card.removeTrack(key)
}

/** What a person calls themself; anything may stand in an info, so anything else gets a number. */
function nameOf({ id, info }: RemotePeer): string {
  return typeof info.name === 'string' && info.name.trim() !== '' ? info.name.slice(0, 64) : `Person ${id % 10_000}`
}
