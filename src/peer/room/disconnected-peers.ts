import { DepartedStreams } from '../receive/mod.ts'
import type { LinkedPeer } from './linked-peer.ts'

/** How long the server may take to announce a known peer again, in seconds. */
export const REJOIN_TIMEOUT = 30

/**
 * Peers that the server has not announced again since a fresh start of this user's session. Also holds the streams of
 * departed peers.
 */
export class DisconnectedPeers {
  readonly departed: DepartedStreams = new DepartedStreams()
  readonly #awaited = new Map<LinkedPeer, ReturnType<typeof setTimeout>>()
  /** The new ids that peers announced over their links. */
  readonly #moved = new Map<LinkedPeer, number>()
  readonly #gone: (peer: LinkedPeer) => void

  /** @param gone called if the server does not announce a peer in time */
  constructor(gone: (peer: LinkedPeer) => void) {
    this.#gone = gone
  }

  /** @param ownId this user's new id, which the peer receives if a link is open */
  await(peer: LinkedPeer, ownId: number): void {
    clearTimeout(this.#awaited.get(peer))
    const timer = setTimeout(() => this.#gone(peer), REJOIN_TIMEOUT * 1000)
    this.#awaited.set(peer, timer)
    peer.pause(ownId)
  }

  moved(peer: LinkedPeer, to: number): void {
    this.#moved.set(peer, to)
  }

  /**
   * Stops waiting for the peer that the server announces under this id.
   *
   * @returns the peer, by its old id or by the new id that it announced; undefined for any other id
   */
  returns(id: number): LinkedPeer | undefined {
    for (const peer of this.#awaited.keys()) {
      if ((this.#moved.get(peer) ?? peer.id) !== id) continue
      this.forget(peer)
      return peer
    }
    return undefined
  }

  /** @returns the awaited peer with this verified identity whose certificate has this fingerprint */
  find(fingerprint: string, auth: string | undefined): LinkedPeer | undefined {
    return [...this.#awaited.keys()].find((peer) => peer.fingerprint === fingerprint && peer.identity?.auth === auth)
  }

  /** The fingerprints of the certificates of all these peers, and of all departed peers with streams. */
  get fingerprints(): (string | undefined)[] {
    return [...[...this.#awaited.keys()].map(({ fingerprint }) => fingerprint), ...this.departed.fingerprints]
  }

  forget(peer: LinkedPeer): void {
    clearTimeout(this.#awaited.get(peer))
    this.#awaited.delete(peer)
    this.#moved.delete(peer)
  }

  close(): void {
    for (const peer of [...this.#awaited.keys()]) this.forget(peer)
    this.departed.close()
  }
}
