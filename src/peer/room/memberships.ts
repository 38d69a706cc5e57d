import {
  type IceAnswer,
  type PeerArrival,
  type RelayName,
  type RoomInfo,
  SignalError,
} from '../../protocol/both-ends.ts'
import { LinkCredentials } from '../credentials/mod.ts'
import type { RecordingSupport } from '../internal/mod.ts'
import type { LegacyClients, PreparedPeer, Wrtc } from '../link/mod.ts'
import { emit, PeerError, type Timing, unlessAborted } from '../shared/mod.ts'
import { type Permissions, rejoin, type Signaling, type VerifiedIdentity } from '../signaling/mod.ts'
import type { JoinOptions } from './join-options.ts'
import { JoinedRoom } from './joined-room.ts'
import type { LinkedPeer } from './linked-peer.ts'
import type { Removed } from './membership.ts'
import { PendingArrivals } from './pending-arrivals.ts'
import { RoomRequests } from './room-requests.ts'

export interface MembershipsOptions {
  signaling: Pick<Signaling, 'request' | 'relay'>
  wrtc: Wrtc | undefined
  legacyClients: LegacyClients | undefined
  recording: RecordingSupport | undefined
  rtc: RTCConfiguration | undefined
  timing: Timing
  /** This user's current permissions. */
  permissions(): Permissions
  /** This user's own verified identity; undefined on an open server. */
  identity(): VerifiedIdentity | undefined
  /** A rejoin failed, or the user could not leave the room of an aborted join. */
  failed(error: Error): void
}

/** A room that the user is in or is rejoining. */
interface Place {
  membership: JoinedRoom
  options: JoinOptions
}

/** A room that the user has entered, and the certificates for the links there. */
type Entrance = [RoomInfo, RTCCertificate[]]

/** The rooms of a session. Passes each server message to the membership that it concerns. */
export class Memberships {
  /** Signals that belonged to no open or pending link. */
  droppedSignals = 0
  readonly #options: MembershipsOptions
  readonly #requests: RoomRequests
  readonly #credentials: LinkCredentials
  readonly #places = new Set<Place>()
  /** The memberships that the server knows, by the room's uuid. */
  readonly #inside = new Map<number, JoinedRoom>()
  readonly #pending = new PendingArrivals()
  /** Callbacks of rejoins that wait for a room, by its name. */
  readonly #awaited = new Map<string, Set<() => void>>()
  #restarted = new AbortController()
  #ownId = 0
  #closed = false

  constructor(options: MembershipsOptions) {
    this.#options = options
    this.#requests = new RoomRequests(options.signaling, (error) => {
      // With the session every membership ends, so the user is out of the room.
      if (!this.#closed) options.failed(error)
    })
    this.#credentials = new LinkCredentials(options)
  }

  /** The session starts to connect. */
  prepare(): void {
    this.#credentials.prepare()
  }

  /** Joins a room, as `Session.join` does. */
  join(room: string | number, options: JoinOptions): Promise<JoinedRoom> {
    return this.#pending.during(async () => {
      if (typeof room === 'number' && (options.max !== undefined || options.users !== undefined)) {
        const why = 'max and users are for a room that join creates by its name'
        throw new PeerError('bad-option', `Cannot join the room ${room} with restrictions: ${why}`)
      }
      // While the session connects, the request travels with `hello` at once, and the answer has the ICE servers.
      const isConnecting = this.#ownId === 0
      const ice = isConnecting ? undefined : await unlessAborted(options.signal, () => this.#credentials.freshIce())
      const certificates = this.#credentials.takeCertificates()
      const prepared = this.#credentials.prepareLink(certificates)
      try {
        const entrance = await this.#requests.join(room, options, () => certificates)
        if (this.#closed) throw new PeerError('closed', 'The connection to the server was closed')
        const membership = this.#place(entrance, options, ice ?? this.#credentials.knownIce, prepared)
        const peers = this.#meet(membership)
        // Send the prepared offer now. The peer's events come in later tasks, after `peer`.
        if (prepared.isReady) peers[0]?.start()
        // Emit `peer` in a later task, so that the caller of `join` can add listeners first.
        setTimeout(() => {
          for (const peer of peers) introduce(membership, peer)
        }, 0)
        return membership
      } finally {
        // After the start of the peers above. Later peers send the offers themselves.
        setTimeout(() => prepared.close(), 0)
      }
    })
  }

  arrive(arrival: PeerArrival): void {
    const membership = this.#inside.get(arrival.room)
    if (membership === undefined) this.#pending.add(arrival)
    else introduce(membership, membership.addPeer(arrival))
  }

  depart({ id, room }: { id: number; room: number }): void {
    this.#pending.remove(id, room)
    this.#inside.get(room)?.removePeer(id)
  }

  /** The user is no longer in a room: the server removed the user or closed the room. */
  remove(uuid: number, removed: Removed): void {
    const membership = this.#inside.get(uuid)
    if (membership === undefined) {
      const why = `Cannot join the room: the server removed this user again (${removed.code})`
      this.#requests.removed(new SignalError('not-in-room', why), uuid)
      return
    }
    this.#inside.delete(uuid)
    for (const place of this.#places) if (place.membership === membership) this.#places.delete(place)
    membership.remove(removed)
  }

  /** Passes a relayed signal to the peer that it belongs to. */
  receive(name: RelayName, origin: number, body: unknown): void {
    const peer = this.#peerFor(origin, (body as { link?: unknown } | null)?.link)
    if (peer !== undefined) peer.receiveSignal(name, body)
    else if (!this.#pending.addSignal(name, origin, body)) this.droppedSignals++
  }

  /** Stores the ICE servers of the server's greeting. */
  knowIce(ice?: IceAnswer): void {
    this.#credentials.greeted(ice)
  }

  /** A room was created. A rejoin may be waiting for it. */
  roomAdded({ name }: RoomInfo): void {
    for (const callback of [...(this.#awaited.get(name) ?? [])]) callback()
  }

  /** Sets the user's id, at first and after a fresh start. After a fresh start the server knows no memberships. */
  startAs(ownId: number): void {
    this.#ownId = ownId
    this.#restarted.abort()
    this.#restarted = new AbortController()
    this.#inside.clear()
    this.#pending.clear()
    this.#requests.removed(new PeerError('lost', 'The session was lost before the join was complete'))
    for (const { membership } of this.#places) membership.restart(ownId)
  }

  /** Rejoins all rooms. */
  rejoin(): void {
    for (const place of this.#places) void this.#rejoin(place, this.#restarted.signal)
  }

  /** Retries lost links at once: the server is reachable again, so the peers may be too. */
  hurry(): void {
    for (const { membership } of this.#places) membership.hurry()
  }

  /** Simulates a network failure. @param seconds how long the links stay lost */
  interrupt(seconds: number): void {
    for (const { membership } of this.#places) membership.interrupt(seconds)
  }

  /** Closes all memberships. The server needs no request: it is gone, or sees the connection close. */
  close(): void {
    this.#closed = true
    this.#restarted.abort()
    for (const { membership } of this.#places) membership.close()
    this.#places.clear()
    this.#inside.clear()
  }

  #place([room, certificates]: Entrance, options: JoinOptions, ice: IceAnswer, prepared: PreparedPeer): JoinedRoom {
    const { signaling, wrtc, legacyClients, recording, rtc, permissions, identity } = this.#options
    const membership: JoinedRoom = new JoinedRoom({
      room,
      id: this.#ownId,
      // Peers recognize a returning user by this certificate, so each membership has its own.
      rtc: { iceServers: ice.iceServers, ...rtc, certificates },
      prepared,
      expiresIn: ice.expiresIn,
      iceServers: () => this.#credentials.requestIce(),
      permissions,
      identity,
      moderation: this.#requests.moderation(
        () => membership.uuid,
        ({ users, max }) => {
          // If a rejoin creates the room again, it must not be more open than this one.
          if (place.options.create) place.options = { ...place.options, users, max }
        },
      ),
      wrtc,
      legacyClients,
      recording,
      history: options.history ?? 0,
      signal: (name, peer, body) => signaling.relay(name, peer, body),
      leave: () => this.#leave(place),
    })
    const place: Place = { membership, options }
    this.#places.add(place)
    this.#inside.set(room.uuid, membership)
    return membership
  }

  async #leave(place: Place): Promise<void> {
    this.#places.delete(place)
    const { uuid } = place.membership
    // During a rejoin the user is not in the room yet: `#rejoin` leaves it after the server's answer.
    if (this.#inside.get(uuid) !== place.membership) return
    this.#inside.delete(uuid)
    await this.#requests.leave(uuid)
  }

  async #rejoin(place: Place, restarted: AbortSignal): Promise<void> {
    const { membership } = place
    const left = new AbortController()
    membership.addEventListener('close', () => left.abort(), { once: true })
    const signal = AbortSignal.any([restarted, left.signal])
    const { uuid, name } = membership
    try {
      await this.#pending.during(async () => {
        const room = await rejoin({
          timing: this.#options.timing,
          byUuid: () => this.#requests.rejoin(uuid),
          byName: () => this.#requests.rejoinByName(name, place.options),
          added: (callback) => this.#whenAdded(name, callback, restarted),
          signal,
        })
        if (membership.closed) return this.#requests.leave(room.uuid)
        this.#inside.set(room.uuid, membership)
        membership.rejoined(room)
        for (const peer of this.#meet(membership)) introduce(membership, peer)
      })
    } catch (error) {
      if (signal.aborted) return
      this.#places.delete(place)
      membership.close()
      this.#options.failed(error as Error)
    }
  }

  /** Adds the peers that the server announced before its answer, and passes on their early signals. */
  #meet(membership: JoinedRoom): (LinkedPeer | undefined)[] {
    const peers = this.#pending.take(membership.uuid).map((arrival) => membership.addPeer(arrival))
    for (const signal of this.#pending.takeSignals()) this.receive(...signal)
    return peers
  }

  #whenAdded(name: string, callback: () => void, restarted: AbortSignal): () => void {
    const callbacks = this.#awaited.get(name) ?? new Set()
    this.#awaited.set(name, callbacks.add(callback))
    if (callbacks.size === 1) void this.#watch(name)
    return () => {
      callbacks.delete(callback)
      if (callbacks.size > 0 || this.#awaited.get(name) !== callbacks) return
      this.#awaited.delete(name)
      // After a fresh start the server knows no subscription. If the request fails, the server announces such rooms for
      // longer, which does no harm.
      if (!restarted.aborted) this.#requests.watch(name, false).catch(() => {})
    }
  }

  /** Lets the server announce rooms of this name. If it refuses, the rejoin still tries again after a while. */
  async #watch(name: string): Promise<void> {
    const rooms = await this.#requests.watch(name, true).catch(() => [])
    for (const room of rooms) this.roomAdded(room)
  }

  /** A signal without a link comes from a client before version 1. It belongs to the newest link with that client. */
  #peerFor(origin: number, link: unknown): LinkedPeer | undefined {
    let newest: LinkedPeer | undefined
    for (const { peers } of this.#inside.values()) {
      const peer = peers.get(origin)
      if (peer === undefined || (link !== undefined && !peer.accepts(link))) continue
      if (newest === undefined || peer.number > newest.number) newest = peer
    }
    return newest
  }
}

/** @param peer undefined for a known peer that returned */
function introduce(membership: JoinedRoom, peer: LinkedPeer | undefined): void {
  if (peer === undefined || membership.peers.get(peer.id) !== peer) return
  emit(membership, 'peer', peer)
  peer.start()
}
