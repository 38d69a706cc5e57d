import { LeftBehind } from '../receive/mod.ts'
import type { RemotePeer } from './remote-peer.ts'

/** How long the server may take to tell again of who is in a room, in seconds. */
export const PATIENCE = 30

/** People whom the server has yet to tell of again, after a fresh start of one's own session; and those who have left. */
export class AbsentPeers {
  readonly leftBehind: LeftBehind = new LeftBehind()
  readonly #awaited = new Map<RemotePeer, ReturnType<typeof setTimeout>>()
  /** Under which ids people say that they will come. */
  readonly #moved = new Map<RemotePeer, number>()
  readonly #gone: (peer: RemotePeer) => void

  /** @param gone somebody was not told of in time */
  constructor(gone: (peer: RemotePeer) => void) {
    this.#gone = gone
  }

  /** @param ownId which the peer is told, if there is a way */
  await(peer: RemotePeer, ownId: number): void {
    clearTimeout(this.#awaited.get(peer))
    const timer = setTimeout(() => this.#gone(peer), PATIENCE * 1000)
    this.#awaited.set(peer, timer)
    peer.pause(ownId)
  }

  moved(peer: RemotePeer, to: number): void {
    this.#moved.set(peer, to)
  }

  /** Who it is that the server tells of: somebody awaited who has kept their id, or said that it would be this. */
  returns(id: number): RemotePeer | undefined {
    for (const peer of this.#awaited.keys()) {
      if ((this.#moved.get(peer) ?? peer.id) !== id) continue
      this.forget(peer)
      return peer
    }
    return undefined
  }

  /** Somebody awaited who had that certificate. */
  find(fingerprint: string): RemotePeer | undefined {
    return [...this.#awaited.keys()].find((peer) => peer.fingerprint === fingerprint)
  }

  forget(peer: RemotePeer): void {
    clearTimeout(this.#awaited.get(peer))
    this.#awaited.delete(peer)
    this.#moved.delete(peer)
  }

  close(): void {
    for (const peer of [...this.#awaited.keys()]) this.forget(peer)
    this.leftBehind.close()
  }
}
