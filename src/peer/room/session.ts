import type { Info, OwnIdentity, RoomClosed, RoomInfo } from '../../protocol/both-ends.ts'
import type { TypedTarget } from '../shared/mod.ts'
import type { CloseDetail, Reconnecting } from '../signaling/mod.ts'
import type { JoinOptions } from './join-options.ts'
import type { Membership } from './membership.ts'

/** The events of a session. */
export interface SessionEvents {
  /** The rooms that the user may see, after a fresh start. */
  rooms: CustomEvent<RoomInfo[]>
  /**
   * The user may see this room from now on: it was created, or its restrictions were replaced. The first
   * listener of `roomadded`, `roomchanged` or `roomclosed` subscribes the session to rooms that it is not in.
   */
  roomadded: CustomEvent<RoomInfo>
  /** The restrictions of a room that the user may see were replaced. */
  roomchanged: CustomEvent<RoomInfo>
  /**
   * The user may not see this room any more: it was closed, or its restrictions were replaced. `reason` is the
   * moderator's text.
   */
  roomclosed: CustomEvent<RoomClosed>
  /** The connection is lost, or an attempt to reconnect failed. The detail has the reason and the next attempt. */
  reconnecting: CustomEvent<Reconnecting>
  /**
   * The session is connected again. If `recovered` is true, the server kept the session, and neither side lost a
   * message. Otherwise the session made a fresh start: the id changes, pending requests reject with `lost`, and the
   * session rejoins its rooms.
   */
  resumed: CustomEvent<{ recovered: boolean }>
  /** The session has ended for good, and all its memberships with it. */
  close: CustomEvent<CloseDetail>
  /** The server rejected something or sent something invalid, or a rejoin failed. Only `close` ends the session. */
  error: CustomEvent<Error>
}

/**
 * A session with the server, which `connect` returns. It outlives its connection (a WebSocket, RFC 6455): it reconnects
 * and resumes by itself.
 *
 * @example
 * ```ts
 * import { connect } from 'datastreams-webrtc/peer'
 *
 * export async function share(samples: AsyncIterable<number>): Promise<void> {
 *   await using session = await connect('wss://example.org/signal')
 *   session.addEventListener('error', ({ detail }) => console.error(detail.message))
 *   await using room = await session.join('lab', { create: true })
 *   const publication = room.publish(samples, { name: 'Heart rate', unit: 'bpm' })
 *   await publication.delivered() // then the function leaves the room and closes the session
 * }
 * ```
 */
export interface Session extends TypedTarget<SessionEvents> {
  /** This user's id, as peers see it. It changes after a fresh start. */
  readonly id: number
  /** What other users see of this one. `join` can change it. */
  readonly info: Info
  /** The identity and permissions of this user's token; undefined on an open server. */
  readonly identity: OwnIdentity | undefined
  /** `closed` is final. */
  readonly state: 'connected' | 'reconnecting' | 'closed'
  /** Whether the session has ended for good. */
  readonly closed: boolean
  /** How many frames from the server were unreadable or unexpected. */
  readonly droppedFrames: number
  /** How many signals of peers belonged to no open or pending link. */
  readonly droppedSignals: number

  /**
   * Requests the rooms that the user may see, page after page.
   *
   * @throws SignalError if the server rejects the request; PeerError `bad-server`, `closed`, `lost`, `timeout` (after 10
   *   s with a connection), `too-many-requests`
   */
  rooms(): Promise<RoomInfo[]>

  /**
   * Joins a room. The membership lasts until the user leaves or is removed. After a fresh start the session rejoins the
   * room by its uuid. If the uuid no longer exists, it rejoins by name with the same options, and with the newest
   * restrictions of `room.restrict()` if `create` is true.
   *
   * @param room the room's name, or its uuid, which allows no `max` and no `users`
   * @returns the membership. It emits `peer` for each peer in the room in a later task, so the caller can add listeners
   * @throws SignalError `room-not-found`, `room-full`, `forbidden` (reason `restrictions-differ` only with `max` or
   *   `users`), `not-in-room` (removed again at once) and other rejections by the server; PeerError `bad-option`, `bad-server`, `closed`, `lost`, `timeout`,
   *   `too-many-requests`; the reason of `options.signal` if it aborts
   *
   * @example
   * ```ts
   * import type { Membership, Session } from 'datastreams-webrtc/peer'
   *
   * export function enter(session: Session): Promise<Membership> {
   *   return session.join('lab', { create: true, history: 10, signal: AbortSignal.timeout(5_000) })
   * }
   * ```
   */
  join(room: string | number, options?: JoinOptions): Promise<Membership>

  /**
   * Simulates a network failure of this session, to test an app. The connection and all links are lost.
   *
   * @param seconds how long the failure lasts; finite, ≥ 0
   * @throws PeerError `bad-option`
   */
  interrupt(seconds: number): void

  /** Leaves every room and closes the connection for good. A session that is closed stays closed. */
  close(): void

  /** Closes the session, at the end of the block of `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
