import { eventSchemas, type RelayName, type RequestBodies } from '../protocol/both-ends.ts'
import type { RecordingSupport } from './internal/mod.ts'
import type { LegacyClients, Wrtc } from './link/mod.ts'
import { type JoinOptions, type Membership, Memberships } from './room/mod.ts'
import { realTiming } from './shared/mod.ts'
import { EVERYTHING, readBody } from './signaling/mod.ts'

/** How the host sends requests and signals. Their bodies are those of PROTOCOL.md. */
export interface HostedRoomsOptions {
  /** This user's id. */
  id: number
  /**
   * Sends `connect`, `disconnect` and `ice`, and the requests that moderate a room: `closeroom`, `kick` and `restrict`.
   *
   * @returns the result; rejects with the error if the host rejects the request
   */
  request<Name extends keyof RequestBodies>(name: Name, body: RequestBodies[Name]): Promise<unknown>
  /** Sends a signal. @param peer the receiver's id */
  relay(name: RelayName, peer: number, body: unknown): void
  /** Configures every RTCPeerConnection. Its `iceServers` replace the host's. */
  rtc?: RTCConfiguration
  /** The WebRTC implementation for platforms without one, such as `@roamhq/wrtc`. */
  wrtc?: Wrtc
  /** Links to clients before version 1 too. `datastreams-webrtc/legacy` exports the value. @default no such links */
  legacyClients?: LegacyClients
  /** Makes `Membership.record` work. `datastreams-webrtc/recording` exports the value. @default no recordings */
  recording?: RecordingSupport
}

/** The rooms that this user is in. The host passes in each message that concerns them. */
export interface HostedRooms {
  /** Joins a room, as `Session.join` does. */
  join(room: string | number, options?: JoinOptions): Promise<Membership>
  /** Handles the event `connect`. @throws PeerError `bad-server`, as `disconnected` and `kicked` do */
  connected(body: unknown): void
  /** Handles the event `disconnectPeer`. */
  disconnected(body: unknown): void
  /** Handles the event `kicked`. */
  kicked(body: unknown): void
  /** Handles a signal from a peer. @param origin the peer's id */
  receive(name: RelayName, origin: number, body: unknown): void
  /** Closes all memberships without notifying the server. */
  close(): void
}

/**
 * Runs the companion without a connection of its own, for an app whose server speaks another protocol. The app passes
 * in each message.
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
export function hostedRooms({
  id,
  request,
  relay,
  rtc,
  wrtc,
  legacyClients,
  recording,
}: HostedRoomsOptions): HostedRooms {
  const rooms = new Memberships({
    signaling: { request, relay },
    rtc,
    wrtc,
    legacyClients,
    recording,
    timing: realTiming,
    permissions: () => EVERYTHING,
    identity: () => undefined,
    // Nothing rejoins here, because the host handles fresh starts. So the host could not leave the room of an aborted
    // join, and no caller waits for that.
    failed: (error) =>
      queueMicrotask(() => {
        throw error
      }),
  })
  rooms.startAs(id)
  return {
    join: (room, options = {}) => rooms.join(room, options),
    connected: (body) => rooms.arrive(readBody(eventSchemas.connect, body)),
    disconnected: (body) => rooms.depart(readBody(eventSchemas.disconnectPeer, body)),
    kicked(body) {
      const { uuid, code, reason } = readBody(eventSchemas.kicked, body)
      rooms.remove(uuid, { code, reason })
    },
    receive: (name, origin, body) => rooms.receive(name, origin, body),
    close: () => rooms.close(),
  }
}
