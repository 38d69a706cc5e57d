import type { Membership, Publication, RemotePeer } from '../../peer/mod.ts'
import { aborted, pause } from '../shared/pause.ts'

/** How long those who have not everything yet are waited for once the user wants an end, in ms. */
const PATIENCE = 5_000

/** Settles when so many others are connected, or when it is to end. */
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

/** Ends publications, and settles when everybody who is there has everything. */
export async function finish(publications: readonly Publication[], signal: AbortSignal): Promise<void> {
  for (const publication of publications) publication.stop()
  const delivered = new AbortController()
  const enough = aborted(signal).then(() => pause(PATIENCE, delivered.signal))
  await Promise.race([Promise.all(publications.map((publication) => publication.delivered())), enough])
  delivered.abort()
}
