import type { Restrictions, RoomInfo } from '../../protocol/mod.ts'
import { pushSource, type SourceLike, type StreamDescription, StreamError, sourceOf } from '../../streams/mod.ts'
import { Outbox, Publication, type PublishOptions, type PushPublication } from '../publish/mod.ts'
import { type IncomingPublication, isOfDevice, type Remembered } from '../receive/mod.ts'
import { LoopbackStreams, RoomRecording } from '../recording/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import { checkMayPublish, identityOf, type PeerArrival } from '../signaling/mod.ts'
import { DisconnectedPeers } from './disconnected-peers.ts'
import type { MembershipEvents, MembershipOptions, Removed } from './membership-options.ts'
import { RemotePeer } from './remote-peer.ts'
import { RenewedRtc } from './renewed-rtc.ts'

/** The description of a stream that the app feeds with `push`. One field is enough. */
export type PushDescription = Partial<StreamDescription>

/** The most publications of this user at once. Receivers accept no more from one peer. */
const MAX_PUBLICATIONS = 256

/** The membership of this user in a room. */
export class Membership extends TypedEventTarget<MembershipEvents> {
  /** Changes if a rejoin finds the room recreated under another uuid. */
  uuid: number
  readonly name: string
  /** The peers in the room, by id. */
  readonly peers: Map<number, RemotePeer> = new Map()
  closed = false
  readonly #options: MembershipOptions
  readonly #outbox = new Outbox()
  readonly #publications = new Set<Publication>()
  readonly #disconnected: DisconnectedPeers
  readonly #rtc: RenewedRtc
  #id: number

  constructor(options: MembershipOptions) {
    super()
    this.uuid = options.room.uuid
    this.name = options.room.name
    this.#id = options.id
    this.#options = options
    this.#disconnected = new DisconnectedPeers((peer) => this.removePeer(peer.id))
    this.#rtc = new RenewedRtc(options.rtc, options.iceServers, options.expiresIn)
  }

  /**
   * Publishes a source to every peer in the room, and to late joiners.
   *
   * @param source one of:
   *   - a datastreams-api DataStream or DataStreamTrack of either generation;
   *   - a MediaStream or a MediaStreamTrack;
   *   - a ReadableStream or an async iterable;
   *   - the description of a stream to feed with `push`
   * @returns the publication; that of a description also has `push`
   * @throws StreamError `bad-source`, `bad-description`; SignalError `forbidden` if the token does not permit it
   *
   * @example
   * ```ts
   * import type { Membership } from 'datastreams-webrtc/peer'
   *
   * export function share(room: Membership): void {
   *   const markers = room.publish({ name: 'Markers', type: 'Markers', format: 'string' })
   *   markers.push(['eyes closed'])
   * }
   * ```
   */
  publish(source: SourceLike, options?: PublishOptions): Publication
  publish(source: PushDescription, options?: PublishOptions): PushPublication
  publish(source: SourceLike | PushDescription, options: PublishOptions = {}): Publication {
    if (this.closed) throw new StreamError('bad-source', 'Cannot publish: you have left the room')
    checkMayPublish(this.#options.permissions())
    if (this.#publications.size >= MAX_PUBLICATIONS) {
      throw new StreamError('bad-source', `Cannot publish more than ${MAX_PUBLICATIONS} sources at once`)
    }
    const publication = isDescription(source) ? this.#publishPushed(source, options) : this.#publish(source, options)
    this.#publications.add(publication)
    publication.addEventListener('close', () => this.#publications.delete(publication))
    return publication
  }

  /**
   * Records everything that the peers and this user publish from now on to an XDF file. The file has each stream's
   * description, the publisher's own timestamps, and the offsets of the publisher's clock.
   *
   * @param destination such as the result of `createWritable()` for a picked file. The recording closes it at the end
   *
   * @example
   * ```ts
   * import type { Membership, RoomRecording } from 'datastreams-webrtc/peer'
   *
   * export async function record(room: Membership, file: FileSystemFileHandle): Promise<RoomRecording> {
   *   return room.record(await file.createWritable()) // later: await recording.stop()
   * }
   * ```
   */
  record(destination: WritableStream<Uint8Array>): RoomRecording {
    const own = new LoopbackStreams(this.#id, this.#outbox, this.#options.identity())
    return new RoomRecording(this, own, destination)
  }

  /** Leaves the room. Links close at once; the promise resolves when the server has confirmed. */
  async leave(): Promise<void> {
    if (this.closed) return
    this.close()
    await this.#options.leave()
  }

  /**
   * Removes a peer from the room. The peer may rejoin unless the room is restricted. Only the room owner and admins may
   * do this.
   *
   * @param peer the peer or its id
   * @throws SignalError `forbidden`, `peer-not-found`
   *
   * @example
   * ```ts
   * import type { Membership, RemotePeer } from 'datastreams-webrtc/peer'
   *
   * export async function throwOut(room: Membership, peer: RemotePeer): Promise<void> {
   *   await room.restrict({ users: ['ada', 'grace'] }) // by the `sub` of their tokens
   *   await room.kick(peer, 'This session is for two')
   * }
   * ```
   */
  kick(peer: RemotePeer | number, reason?: string): Promise<void> {
    return this.#options.govern.kick(typeof peer === 'number' ? peer : peer.id, reason)
  }

  /**
   * Replaces the restrictions of the room. The server removes excluded users at once. A `max` below the number of users
   * removes nobody. Only the room owner and admins may do this.
   *
   * @throws SignalError `forbidden`
   */
  restrict(restrictions: Restrictions): Promise<void> {
    return this.#options.govern.restrict(restrictions)
  }

  /**
   * Closes the room for every user in it. Only the room owner and admins may do this.
   *
   * @throws SignalError `forbidden`
   */
  closeRoom(reason?: string): Promise<void> {
    return this.#options.govern.close(reason)
  }

  /** The server removed this user from the room. The session calls this. */
  remove(removed: Removed): void {
    emit(this, 'removed', removed)
    this.close()
  }

  /** Closes the membership without notifying the server. The session calls this. */
  close(): void {
    if (this.closed) return
    this.closed = true
    for (const publication of [...this.#publications]) publication.stop()
    for (const peer of [...this.peers.values()]) this.#remove(peer, () => false)
    this.#disconnected.close()
    this.#outbox.close()
    this.#rtc.stop()
    this.dispatchEvent(new Event('close'))
  }

  /**
   * Adds a peer that the server announced. The session calls this.
   *
   * @returns the new peer, with its link not yet started; undefined if a known peer returned
   */
  addPeer(arrival: PeerArrival): RemotePeer | undefined {
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
    const { wrtc, history, signal } = this.#options
    const peer: RemotePeer = new RemotePeer({
      id,
      info,
      identity,
      link,
      initiator: initiator === this.#id,
      takes,
      gives,
      rtc: () => this.#rtc.current,
      renewRtc: () => this.#rtc.renew(),
      wrtc,
      outbox: this.#outbox,
      history,
      signal,
      moved: (to) => this.#disconnected.moved(peer, to),
      claim: (fingerprint) => this.#claim(peer, fingerprint),
      departed: (info) => this.#disconnected.departed.take(info, identity?.auth),
    })
    this.peers.set(id, peer)
    return peer
  }

  /**
   * Handles a fresh start of the session: this user has another id, and the server will announce every peer again. Open
   * links continue meanwhile. The session calls this.
   */
  restart(id: number): void {
    this.#id = id
    for (const peer of [...this.peers.values()]) {
      // Without a link that opened, there is nothing to resume.
      if (peer.state === 'closed' || peer.state === 'connecting') this.removePeer(peer.id)
      else this.#disconnected.await(peer, id)
    }
  }

  /** The session has rejoined the room. The session calls this. */
  rejoined({ uuid }: RoomInfo): void {
    this.uuid = uuid
  }

  /** Retries lost links at once: the server is reachable again, so the peers may be too. The session calls this. */
  hurry(): void {
    for (const peer of this.peers.values()) peer.hurry()
  }

  /** Simulates a network failure. The session calls this. @param seconds how long the links stay lost */
  interrupt(seconds: number): void {
    for (const peer of this.peers.values()) peer.interrupt(seconds)
  }

  removePeer(id: number): void {
    const peer = this.peers.get(id)
    if (peer !== undefined) this.#disconnected.departed.add(this.#remove(peer, isOfDevice), peer.identity?.auth)
  }

  #remove(peer: RemotePeer, goesOn: (publication: IncomingPublication) => boolean): Remembered {
    this.peers.delete(peer.id)
    this.#disconnected.forget(peer)
    const remembered = peer.release(goesOn)
    emit(this, 'peerleave', peer)
    return remembered
  }

  /** @returns the streams of the known peer that had this certificate; undefined if the peer is new */
  #claim(peer: RemotePeer, fingerprint: string): Remembered | undefined {
    const auth = peer.identity?.auth
    const before = this.#disconnected.find(fingerprint)
    const isOther = before !== undefined && before !== peer
    if (isOther && before.identity?.auth === auth) return this.#remove(before, () => true)
    return this.#disconnected.departed.claim(fingerprint, auth)
  }

  #publish(source: unknown, options: PublishOptions): Publication {
    const media = typeof MediaStream === 'undefined' ? undefined : new MediaStream()
    return new Publication(sourceOf(source, options), options.name ?? nameOf(source), options, this.#outbox, media)
  }

  #publishPushed(description: PushDescription, options: PublishOptions): PushPublication {
    const { source, push } = pushSource(description)
    const name = options.name ?? description.name ?? ''
    return Object.assign(new Publication(source, name, options, this.#outbox), { push })
  }
}

/** A description is a plain object. A source has another prototype or one of these methods. */
const isDescription = (value: unknown): value is PushDescription =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !('subscribe' in value || Symbol.asyncIterator in value || 'getReader' in value)

const nameOf = (source: unknown): string => {
  const { name, label } = source as { name?: unknown; label?: unknown }
  return ([name, label].find((text) => typeof text === 'string' && text !== '') as string | undefined) ?? ''
}
