import type { Membership, Publication, RemotePeer } from '../../peer/mod.ts'
import { aborted, pause } from '../shared/pause.ts'

/** How long the command waits for receivers that lack samples after the user stops it, in ms. */
const DELIVERY_TIMEOUT = 5_000

/** Resolves when `count` peers are connected, or when the signal aborts. */
export function receiversAre(room: Membership, count: number, signal: AbortSignal): Promise<void> {
  const connected = new Set<RemotePeer>()
  return new Promise((resolve) => {
    const look = () => {
      if (connected.size >= count) resolve()
    }
    const follow = (peer: RemotePeer) => {
      peer.addEventListener('connect', () => {
        connected.add(peer)
        look()
      })
      peer.addEventListener('close', () => connected.delete(peer))
    }
    for (const peer of room.peers.values()) follow(peer)
    room.addEventListener('peer', ({ detail: peer }) => follow(peer))
    signal.addEventListener('abort', () => resolve())
    look()
  })
}

/** Stops publications. Resolves when every receiver has everything, or 5 s after the signal aborts. */
export async function finish(publications: readonly Publication[], signal: AbortSignal): Promise<void> {
  for (const publication of publications) publication.stop()
  const delivered = new AbortController()
  const enough = aborted(signal).then(() => pause(DELIVERY_TIMEOUT, delivered.signal))
  await Promise.race([Promise.all(publications.map((publication) => publication.delivered())), enough])
  delivered.abort()
}
