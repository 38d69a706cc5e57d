import type { Restrictions } from '../../protocol/both-ends.ts'
import type { DescriptionInit, SourceLike } from '../../streams/mod.ts'
import type { RoomRecording } from '../internal/mod.ts'
import type { Publication, PublishOptions, PushPublication } from '../publish/mod.ts'
import type { TypedTarget } from '../shared/mod.ts'
import type { RemotePeer } from './remote-peer.ts'

/** The events of a membership. */
export interface MembershipEvents {
  /** A peer is in the room. Its link opens after this event. */
  peer: CustomEvent<RemotePeer>
  /** A peer has left the room. */
  peerleave: CustomEvent<RemotePeer>
  /** The server removed this user from the room. `close` follows. */
  removed: CustomEvent<Removed>
  /** The membership has ended: by leaving, by removal, with the session, or after a failed rejoin. */
  close: Event
}

/** Why the server removed this user from a room. */
export interface Removed {
  /**
   * - `kicked`: the room owner or an admin removed the user;
   * - `restricted`: the room's new restrictions exclude the user;
   * - `token`: the user's newer token has other permissions, or does not permit the room;
   * - `closed`: the room owner or an admin closed the room.
   */
  code: string
  /** The moderator's text; may be empty. */
  reason: string
}

/** The description of a stream that the app feeds with `push`. One field is enough. */
export type PushDescription = DescriptionInit

/** The membership of this user in a room, which `Session.join` returns. It outlives fresh starts of the session. */
export interface Membership extends TypedTarget<MembershipEvents> {
  /** The room's id. It changes if a rejoin finds the room recreated under another uuid. */
  readonly uuid: number
  /** The room's name. */
  readonly name: string
  /** The peers in the room, by id. */
  readonly peers: ReadonlyMap<number, RemotePeer>
  /** Whether the membership has ended. */
  readonly closed: boolean

  /**
   * Publishes a source to every peer in the room, and to late joiners.
   *
   * @param source one of:
   *   - a datastreams-api DataStream or DataStreamTrack of either generation;
   *   - a MediaStream or a MediaStreamTrack (W3C Media Capture and Streams);
   *   - a ReadableStream (WHATWG Streams) or an async iterable;
   *   - the description of a stream to feed with `push`
   * @param options how samples travel, and what the source's own description leaves out. By default every sample
   *   arrives, in order, exactly once
   * @returns the publication; that of a description also has `push`
   * @throws StreamError `bad-source`, also after leaving and beyond 256 publications at once; StreamError
   *   `bad-description`; SignalError `forbidden` if the token does not permit it
   *
   * @example
   * ```ts
   * import type { Membership } from 'datastreams-webrtc/peer'
   *
   * export function share(room: Membership): void {
   *   const markers = room.publish({ name: 'Markers', type: 'Markers', format: 'string' })
   *   markers.push(['eyes closed'])
   *   const eeg = room.publish({ name: 'EEG', nominalRate: 250, channels: [{ label: 'C3' }, { label: 'C4' }] })
   *   eeg.push(Float32Array.of(1.5, -2.25)) // one sample of both channels
   * }
   * ```
   */
  publish(source: SourceLike, options?: PublishOptions): Publication
  /** Publishes a stream that the app feeds with `push`. */
  publish(source: PushDescription, options?: PublishOptions): PushPublication

  /**
   * Records everything that the peers and this user publish from now on to a file in XDF 1.0. The file has each
   * stream's description, the publisher's own timestamps, and the offsets of the publisher's clock.
   *
   * The app passes `recording` of `datastreams-webrtc/recording` to `connect`.
   *
   * @param destination such as the result of `createWritable()` for a picked file. The recording closes it at the end
   * @returns the recording. It stops at `stop()`, and when the membership ends
   * @throws PeerError `bad-option` if the app has not passed it
   *
   * @example
   * ```ts
   * import type { Membership } from 'datastreams-webrtc/peer'
   *
   * export async function record(room: Membership, file: FileSystemFileHandle, end: Promise<void>): Promise<void> {
   *   await using recording = room.record(await file.createWritable())
   *   await end // then the recording stops, and the file is complete
   *   console.log(recording.stats().samples)
   * }
   * ```
   */
  record(destination: WritableStream<Uint8Array>): RoomRecording

  /**
   * Leaves the room. Links close and publications stop at once.
   *
   * @returns a promise that resolves when the server has confirmed. It resolves at once if the membership has ended
   * @throws PeerError `closed`, `timeout`, `too-many-requests`; SignalError for other rejections by the server
   */
  leave(): Promise<void>

  /**
   * Removes a peer from the room. The peer may rejoin unless the room is restricted. Only the room owner and admins may
   * do this.
   *
   * @param peer the peer or its id
   * @param reason a text for the peer
   * @throws SignalError `forbidden`, `peer-not-found`; PeerError `closed`, `lost`, `timeout`, `too-many-requests`
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
  kick(peer: RemotePeer | number, reason?: string): Promise<void>

  /**
   * Replaces the restrictions of the room. The server removes excluded users at once. A `max` below the number of users
   * removes nobody. Only the room owner and admins may do this.
   *
   * @param restrictions an absent field restricts nothing
   * @throws SignalError `forbidden`; PeerError as `kick`
   */
  restrict(restrictions: Restrictions): Promise<void>

  /**
   * Closes the room for every user in it. Only the room owner and admins may do this.
   *
   * @param reason a text for the users
   * @throws SignalError `forbidden`; PeerError as `kick`
   */
  closeRoom(reason?: string): Promise<void>

  /** Leaves the room, at the end of the block of `await using`. @throws as `leave` */
  [Symbol.asyncDispose](): Promise<void>
}
