import type { Restrictions, RoomInfo } from '../../protocol/mod.ts'
import { pushSource, type SourceLike, type StreamDescription, StreamError, sourceOf } from '../../streams/mod.ts'
import { Outbox, Publication, type PublishOptions, type PushPublication } from '../publish/mod.ts'
import { type IncomingPublication, isOfDevice, type Remembered } from '../receive/mod.ts'
import { OwnStreams, RoomRecording } from '../recording/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import { checkMayPublish, type PeerArrival } from '../signaling/mod.ts'
import { AbsentPeers } from './disconnected-peers.ts'
import type { MembershipEvents, MembershipOptions, Removed } from './membership-options.ts'
import { RemotePeer } from './remote-peer.ts'
import { RenewedRtc } from './renewed-rtc.ts'

/** A stream that is fed by hand: its description, of which one field is enough. */
export type PushDescription = Partial<StreamDescription>

/** Most publications of one's own: what every receiver takes. */
const MAX_PUBLICATIONS = 256

/** One's place in a room. */
export class Membership extends TypedEventTarget<MembershipEvents> {
  /** Another one where the room had to be entered again and was gone. */
  uuid: number
  readonly name: string
  /** Who else is inside, by id. */
  readonly peers: Map<number, RemotePeer> = new Map()
  closed = false
  readonly #options: MembershipOptions
  readonly #outbox = new Outbox()
  readonly #publications = new Set<Publication>()
  readonly #absent: AbsentPeers
  readonly #rtc: RenewedRtc
  #id: number

  constructor(options: MembershipOptions) {
    super()
    this.uuid = options.room.uuid
    this.name = options.room.name
    this.#id = options.id
    this.#options = options
    this.#absent = new AbsentPeers((peer) => this.removePeer(peer.id))
    this.#rtc = new RenewedRtc(options.rtc, options.iceServers, options.expiresIn)
  }

  /**
   * Shares a source with everybody in the room, and with those who come later.
   *
   * @param source a datastreams-api DataStream or DataStreamTrack of either generation, a MediaStream, a
   *   MediaStreamTrack, a ReadableStream or an async iterable, or the description of a stream that is fed with `push`
   * @throws StreamError `bad-source`, `bad-description`; SignalError `forbidden` where one's token does not permit it
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
    if (this.closed) throw new StreamError('bad-source', 'Cannot publish in a room that one has left')
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
   * Writes what everybody in the room publishes from now on, oneself included, as an XDF file: every stream with its
   * description, the publisher's own timestamps, and the offsets of the publisher's clock.
   *
   * @param destination such as what `createWritable()` of a file that the user picked gives; it is closed at the end
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
    return new RoomRecording(this, new OwnStreams(this.#id, this.#outbox), destination)
  }

  /** Leaves the room: links are closed at once; settles when the server knows. */
  async leave(): Promise<void> {
    if (this.closed) return
    this.close()
    await this.#options.leave()
  }

  /**
   * Removes somebody from the room, who may come back unless the room is restricted; for its maker, and for admins.
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
   * Says who may be in the room, and how many, in the place of what was said before: those who may not any more are
   * removed at once. For the room's maker, and for admins.
   *
   * @throws SignalError `forbidden`
   */
  restrict(restrictions: Restrictions): Promise<void> {
    return this.#options.govern.restrict(restrictions)
  }

  /**
   * Closes the room, for everybody in it; for its maker, and for admins.
   *
   * @throws SignalError `forbidden`
   */
  closeRoom(reason?: string): Promise<void> {
    return this.#options.govern.close(reason)
  }

  /** The server has taken one out of the room; for the Session. */
  remove(removed: Removed): void {
    emit(this, 'removed', removed)
    this.close()
  }

  /** Closes everything without a word to the server; for the Session. */
  close(): void {
    if (this.closed) return
    this.closed = true
    for (const publication of [...this.#publications]) publication.stop()
    for (const peer of [...this.peers.values()]) this.#remove(peer, () => false)
    this.#absent.close()
    this.#outbox.close()
    this.#rtc.stop()
    this.dispatchEvent(new Event('close'))
  }

  /**
   * Somebody else is in the room; for the Session.
   *
   * @returns the new peer, already announced, with its link not yet started; undefined where it was here before
   */
  addPeer({ id, info, initiator, link, publish = true, subscribe = true }: PeerArrival): RemotePeer | undefined {
    const own = this.#options.permissions()
    const [takes, gives] = [publish && own.subscribe, subscribe && own.publish]
    const back = this.#absent.returns(id)
    if (back?.permits.takes === takes && back.permits.gives === gives) {
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
      moved: (to) => this.#absent.moved(peer, to),
      claim: (fingerprint) => this.#claim(peer, fingerprint),
      leftBehind: (info) => this.#absent.leftBehind.take(info),
    })
    this.peers.set(id, peer)
    return peer
  }

  /**
   * The server knows nobody any more: everyone is about to be told of again, and one has another id; for the Session.
   * Links that live go on meanwhile.
   */
  restart(id: number): void {
    this.#id = id
    for (const peer of [...this.peers.values()]) {
      // Of one that was never reached there is nothing to go on with.
      if (peer.state === 'closed' || peer.state === 'connecting') this.removePeer(peer.id)
      else this.#absent.await(peer, id)
    }
  }

  /** The room has been entered again; for the Session. */
  rejoined({ uuid }: RoomInfo): void {
    this.uuid = uuid
  }

  /** The server can be reached again, so peers may be; for the Session. */
  hurry(): void {
    for (const peer of this.peers.values()) peer.hurry()
  }

  /** As if the network was gone for so many seconds; for the Session. */
  interrupt(seconds: number): void {
    for (const peer of this.peers.values()) peer.interrupt(seconds)
  }

  removePeer(id: number): void {
    const peer = this.peers.get(id)
    if (peer !== undefined) this.#absent.leftBehind.add(this.#remove(peer, isOfDevice))
  }

  #remove(peer: RemotePeer, goesOn: (publication: IncomingPublication) => boolean): Remembered {
    this.peers.delete(peer.id)
    this.#absent.forget(peer)
    const remembered = peer.release(goesOn)
    emit(this, 'peerleave', peer)
    return remembered
  }

  /** Somebody new turns out to be somebody who was here before. */
  #claim(peer: RemotePeer, fingerprint: string): Remembered | undefined {
    const before = this.#absent.find(fingerprint)
    if (before !== undefined && before !== peer) return this.#remove(before, () => true)
    return this.#absent.leftBehind.claim(fingerprint)
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

/** A description is plain data: none of what can be followed is. */
const isDescription = (value: unknown): value is PushDescription =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !('subscribe' in value || Symbol.asyncIterator in value || 'getReader' in value)

const nameOf = (source: unknown): string => {
  const { name, label } = source as { name?: unknown; label?: unknown }
  return ([name, label].find((text) => typeof text === 'string' && text !== '') as string | undefined) ?? ''
}
