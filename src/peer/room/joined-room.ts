import type { PeerArrival, Restrictions, RoomInfo } from '../../protocol/both-ends.ts'
import { type SourceLike, StreamError } from '../../streams/mod.ts'
import { RenewedRtc } from '../credentials/mod.ts'
import type { RecordingStart, RoomRecording } from '../internal/mod.ts'
import { Outbox, type Publication, type PublishOptions, type PushPublication } from '../publish/mod.ts'
import { type IncomingPublication, isOfDevice, type Remembered } from '../receive/mod.ts'
import { emit, PeerError, TypedEventTarget } from '../shared/mod.ts'
import { checkMayPublish, identityOf } from '../signaling/mod.ts'
import { DisconnectedPeers } from './disconnected-peers.ts'
import type { JoinedRoomOptions } from './joined-room-options.ts'
import { LinkedPeer } from './linked-peer.ts'
import type { Membership, MembershipEvents, PushDescription, Removed } from './membership.ts'
import { OwnPublications } from './own-publications.ts'
import type { RemotePeer } from './remote-peer.ts'

/** Keeps the peers of a room, their departed streams, and this user's publications. */
export class JoinedRoom extends TypedEventTarget<MembershipEvents> implements Membership {
  uuid: number
  readonly name: string
  readonly peers: Map<number, LinkedPeer> = new Map()
  closed = false
  readonly #options: JoinedRoomOptions
  readonly #outbox = new Outbox()
  readonly #publications = new OwnPublications(this.#outbox)
  readonly #disconnected: DisconnectedPeers
  readonly #rtc: RenewedRtc
  #id: number

  constructor(options: JoinedRoomOptions) {
    super()
    this.uuid = options.room.uuid
    this.name = options.room.name
    this.#id = options.id
    this.#options = options
    this.#disconnected = new DisconnectedPeers((peer) => this.removePeer(peer.id))
    this.#rtc = new RenewedRtc(options.rtc, options.iceServers, options.expiresIn)
  }

  publish(source: SourceLike, options?: PublishOptions): Publication
  publish(source: PushDescription, options?: PublishOptions): PushPublication
  publish(source: SourceLike | PushDescription, options: PublishOptions = {}): Publication {
    if (this.closed) throw new StreamError('bad-source', 'Cannot publish: you have left the room')
    checkMayPublish(this.#options.permissions())
    return this.#publications.add(source, options)
  }

  record(destination: WritableStream<Uint8Array>): RoomRecording {
    const { identity, recording } = this.#options
    if (recording === undefined) {
      throw new PeerError('bad-option', 'Cannot record: pass recording of datastreams-webrtc/recording to connect()')
    }
    const own = { id: this.#id, identity: identity(), outbox: this.#outbox }
    return (recording as RecordingStart).record(this, own, destination)
  }

  async leave(): Promise<void> {
    if (this.closed) return
    this.close()
    await this.#options.leave()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }

  kick(peer: RemotePeer | number, reason?: string): Promise<void> {
    return this.#options.moderation.kick(typeof peer === 'number' ? peer : peer.id, reason)
  }

  restrict(restrictions: Restrictions): Promise<void> {
    return this.#options.moderation.restrict(restrictions)
  }

  closeRoom(reason?: string): Promise<void> {
    return this.#options.moderation.close(reason)
  }

  /** The server removed this user from the room. */
  remove(removed: Removed): void {
    emit(this, 'removed', removed)
    this.close()
  }

  /** Closes the membership without notifying the server. */
  close(): void {
    if (this.closed) return
    this.closed = true
    this.#publications.stop()
    for (const peer of [...this.peers.values()]) this.#remove(peer, () => false)
    this.#disconnected.close()
    this.#outbox.close()
    this.#rtc.stop()
    this.dispatchEvent(new Event('close'))
  }

  /**
   * Adds a peer that the server announced.
   *
   * @returns the new peer, with its link not yet started; undefined if a known peer returned
   */
  addPeer(arrival: PeerArrival): LinkedPeer | undefined {
    const { id, info, initiator, link, publish = true, subscribe = true } = arrival
    const identity = identityOf(arrival)
    const own = this.#options.permissions()
    const [takes, gives] = [publish && own.subscribe, subscribe && own.publish]
    const back = this.#disconnected.returns(id)
    const isSame = back?.identity?.auth === identity?.auth
    if (back?.permits.takes === takes && back.permits.gives === gives && isSame) {
      this.peers.delete(back.id)
      this.peers.set(id, back)
      back.resume(id, link, initiator === this.#id)
      return undefined
    }
    if (back !== undefined) this.removePeer(back.id)
    this.removePeer(id)
    const { prepared, wrtc, legacyClients, history, signal } = this.#options
    const peer: LinkedPeer = new LinkedPeer({
      id,
      info,
      identity,
      link,
      initiator: initiator === this.#id,
      takes,
      gives,
      rtc: () => this.#rtc.current,
      prepared,
      renewRtc: () => this.#rtc.renew(),
      wrtc,
      legacyClients,
      outbox: this.#outbox,
      history,
      signal,
      moved: (to) => this.#disconnected.moved(peer, to),
      claim: (fingerprint) => this.#claim(peer, fingerprint),
      mayContinue: (fingerprint) => this.#mayContinue(peer, fingerprint),
      departed: (info) => this.#disconnected.departed.take(info, identity?.auth),
    })
    this.peers.set(id, peer)
    return peer
  }

  /**
   * Handles a fresh start of the session: this user has another id, and the server will announce every peer again. Open
   * links continue meanwhile.
   */
  restart(id: number): void {
    this.#id = id
    for (const peer of [...this.peers.values()]) {
      // Without a link that opened, there is nothing to resume.
      const isNew = peer.state === 'connecting' && !peer.isReceiver
      if (peer.state === 'closed' || isNew) this.removePeer(peer.id)
      else this.#disconnected.await(peer, id)
    }
  }

  /** The session has rejoined the room. */
  rejoined({ uuid }: RoomInfo): void {
    this.uuid = uuid
  }

  /** Retries lost links at once: the server is reachable again, so the peers may be too. */
  hurry(): void {
    for (const peer of this.peers.values()) peer.hurry()
  }

  /** Simulates a network failure. @param seconds how long the links stay lost */
  interrupt(seconds: number): void {
    for (const peer of this.peers.values()) peer.interrupt(seconds)
  }

  removePeer(id: number): void {
    const peer = this.peers.get(id)
    if (peer !== undefined) this.#disconnected.departed.add(this.#remove(peer, isOfDevice))
  }

  #remove(peer: LinkedPeer, goesOn: (publication: IncomingPublication) => boolean): Remembered {
    this.peers.delete(peer.id)
    this.#disconnected.forget(peer)
    const remembered = peer.release(goesOn)
    emit(this, 'peerleave', peer)
    return remembered
  }

  /**
   * Whether this peer may turn out to be a known one when its link is open. Without its fingerprint, it may be any whose
   * link has been open. A live peer counts: it may be about to leave, and have returned under this id.
   */
  #mayContinue(peer: LinkedPeer, fingerprint: string | undefined): boolean {
    const matches = (known: string | undefined): boolean =>
      known !== undefined && (fingerprint === undefined || known === fingerprint)
    for (const other of this.peers.values()) if (other !== peer && matches(other.fingerprint)) return true
    return this.#disconnected.fingerprints.some(matches)
  }

  /** @returns the streams of the known peer that had this certificate; undefined if the peer is new */
  #claim(peer: LinkedPeer, fingerprint: string): Remembered | undefined {
    const auth = peer.identity?.auth
    const before = this.#disconnected.find(fingerprint, auth)
    if (before !== undefined && before !== peer) return this.#remove(before, () => true)
    return this.#disconnected.departed.claim(fingerprint, auth)
  }
}
