import type { RelayName, RequestBodies } from '../protocol/mod.ts'
import type { Wrtc } from './link/mod.ts'
import { type JoinOptions, type Membership, Memberships } from './room/mod.ts'
import { realTiming } from './shared/mod.ts'
import { bodies, EVERYTHING, readBody } from './signaling/mod.ts'

/** What a host carries for its rooms: requests and signals, with the bodies that PROTOCOL.md gives them. */
export interface HostedRoomsOptions {
  /** One's own id. */
  id: number
  /** Asks `connect`, `disconnect` and `ice`, and whatever governs a room; rejects with what is refused. */
  request<Name extends keyof RequestBodies>(name: Name, body: RequestBodies[Name]): Promise<unknown>
  relay(name: RelayName, peer: number, body: unknown): void
  rtc?: RTCConfiguration
  wrtc?: Wrtc
}

/** The rooms that one is in, where a host brings the messages. */
export interface HostedRooms {
  /** As `Session.join`. */
  join(room: string | number, options?: JoinOptions): Promise<Membership>
  /** The event `connect`. @throws PeerError `bad-server`, as the other two do */
  connected(body: unknown): void
  /** The event `disconnectPeer`. */
  disconnected(body: unknown): void
  /** The event `kicked`. */
  kicked(body: unknown): void
  /** A signal that somebody sent. */
  receive(name: RelayName, origin: number, body: unknown): void
  /** Leaves all rooms, without a word. */
  close(): void
}

/**
 * The companion without a connection of its own: for an app whose server speaks another way, and gives it each message.
 *
 * @example
 * ```ts
 * import { type HostedRooms, hostedRooms } from 'datastreams-webrtc/peer'
 *
 * export function over(host: { ask(name: string, body: unknown): Promise<unknown>; send(message: unknown[]): void }): HostedRooms {
 *   const relay = (...signal: unknown[]): void => host.send(signal)
 *   return hostedRooms({ id: 1, request: (name, body) => host.ask(name, body), relay })
 * }
 * ```
 */
export function hostedRooms({ id, request, relay, rtc, wrtc }: HostedRoomsOptions): HostedRooms {
  const rooms = new Memberships({
    signaling: { request, relay },
    rtc,
    wrtc,
    timing: realTiming,
    permissions: () => EVERYTHING,
    // Rooms are entered again only after a fresh start, which is the host's matter.
    failed: (error) => {
      throw error
    },
  })
  rooms.startAs(id)
  return {
    join: (room, options = {}) => rooms.join(room, options),
    connected: (body) => rooms.arrive(readBody(bodies.arrival, body)),
    disconnected: (body) => rooms.depart(readBody(bodies.departure, body)),
    kicked(body) {
      const { uuid, code, reason } = readBody(bodies.kicked, body)
      rooms.remove(uuid, { code, reason })
    },
    receive: (name, origin, body) => rooms.receive(name, origin, body),
    close: () => rooms.close(),
  }
}
