import type { Chunk, RemotePeer, RemoteStream, RemoteTrack } from '../peer/mod.ts'
import { type Card, createCard } from './card.ts'
import { explainRecovering } from './explain.ts'

/** Shows the card of another person, with everything that they share, until they leave. */
export function showPerson(parent: HTMLElement, peer: RemotePeer): Card {
  const card = createCard(parent, nameOf(peer), 'Shares nothing at the moment')
  card.setIdentity(peer.identity?.auth)
  const leaving = new AbortController()
  const { signal } = leaving
  const show = (detail: string) => card.setState(stateOf(peer), detail)
  let news = ''
  let why = 'Left the room'
  const showWay = () => show(wayOf(peer, news))
  showWay()
  // `relayed` may follow `connect`, because the peer reads the candidate pair a moment later.
  for (const name of ['connect', 'relayed'] as const) peer.addEventListener(name, showWay, { signal })
  peer.addEventListener('recovering', ({ detail }) => show(explainRecovering(detail)), { signal })
  peer.addEventListener(
    'recovered',
    ({ detail: { seconds } }) => {
      news = `was lost for ${seconds.toFixed(1)} s`
      showWay()
    },
    { signal },
  )
  peer.addEventListener(
    'error',
    ({ detail }) => {
      why = detail.message
    },
    { signal },
  )
  peer.addEventListener('close', () => {
    show(why)
    leaving.abort()
  })

  const follow = (stream: RemoteStream) => void draw(stream, card, signal)
  for (const stream of peer.streams.values()) follow(stream)
  for (const name of ['stream', 'resumed'] as const) {
    peer.addEventListener(name, ({ detail }) => follow(detail), { signal })
  }
  return card
}

/** Returns the name of a person. An info can hold any value, so a person without a usable name gets a number. */
export function nameOf({ id, info }: RemotePeer): string {
  return typeof info.name === 'string' && info.name.trim() !== '' ? info.name.slice(0, 64) : `Person ${id % 10_000}`
}

function stateOf({ state, relayed }: RemotePeer): string {
  if (state === 'closed') return 'gone'
  return state === 'connected' && relayed ? 'relayed' : state
}

function wayOf({ relayed }: RemotePeer, news: string): string {
  if (!relayed) return news.charAt(0).toUpperCase() + news.slice(1)
  return `Over a TURN server${news && `; ${news}`}`
}

/**
 * Draws a stream until it ends, or until the person leaves. The stream may then continue at another peer.
 *
 * Tracks can appear, change and end meanwhile. The card does not draw tracks of text.
 */
async function draw(stream: RemoteStream, card: Card, signal: AbortSignal): Promise<void> {
  // Chunks name only the first track of their stream. It stands for all channels, so ignore the others.
  const look = (track: RemoteTrack) => {
    if (track.channel > 0) return
    card.removeTrack(track.id)
    if (track.readyState === 'live' && track.description.format !== 'string') card.addTrack(track.id, track.description)
  }
  const follow = (track: RemoteTrack) => {
    look(track)
    track.addEventListener('describe', () => look(track), { signal })
    track.addEventListener('ended', () => look(track), { signal })
  }
  for (const track of stream.getDataTracks()) follow(track)
  stream.addEventListener('addtrack', ({ track }) => follow(track), { signal })
  const chunks = stream[Symbol.asyncIterator]()
  signal.addEventListener('abort', () => void chunks.return?.())
  for await (const { track, data, timestamps, first, missed } of chunks) {
    const stamps = timestamps.map((seconds) => seconds * 1000)
    if (isNumeric(data)) card.add(track.id, { data, timestamps: stamps, first }, missed)
  }
}

const isNumeric = (data: Chunk['data']): data is Exclude<Chunk['data'], string[]> => !Array.isArray(data)
