import type { Info } from '../protocol/both-ends.ts'
import type { RecordingSupport } from './internal/mod.ts'
import type { LegacyClients, Wrtc } from './link/mod.ts'
import { ClientSession, type JoinOptions, type Membership, type Session } from './room/mod.ts'
import { PeerError, realTiming, type Timing } from './shared/mod.ts'
import type { WebSocketConstructor } from './signaling/mod.ts'

/** How to connect to a server. */
export interface ConnectOptions {
  /**
   * Identifies the user to servers that require a token. The session calls a function at every attempt to connect, and
   * again before the token expires.
   */
  token?: string | (() => string | Promise<string>)
  /** What other users see of this one, such as `{ name: 'Ada' }`. At most 4 KiB of msgpack. */
  info?: Info
  /**
   * Whether the session reconnects after its connection is lost. It resumes without a loss while the server keeps it,
   * for 30 s by default. After that it makes a fresh start.
   *
   * @default true
   */
  reconnect?: boolean
  /**
   * Aborts connecting. `connect` then rejects with the signal's reason, and closes the connection. It does not close a
   * connected session: `session.close()` does.
   */
  signal?: AbortSignal
  /** The constructor of WebSockets. @default the platform's */
  WebSocket?: WebSocketConstructor
  /** The WebRTC implementation for platforms without one, such as `@roamhq/wrtc`. */
  wrtc?: Wrtc
  /** Links to clients before version 1 too. `datastreams-webrtc/legacy` exports the value. @default no such links */
  legacyClients?: LegacyClients
  /** Makes `Membership.record` work. `datastreams-webrtc/recording` exports the value. @default no recordings */
  recording?: RecordingSupport
  /**
   * Configures every RTCPeerConnection. Its `iceServers` replace the server's. For example,
   * `{ iceTransportPolicy: 'relay' }` hides this user's address from the peers.
   */
  rtc?: RTCConfiguration
}

/** A promise of a session, which can already join a room. */
export interface Connecting extends Promise<Session> {
  /**
   * Joins a room while the session connects. The first such request travels in the same message as `hello`, which saves
   * a round trip. `Session.join` does the same for a session that is connected.
   *
   * @returns the membership. If it rejects, the session may be connected nevertheless: `await` this promise to close it
   * @throws as `connect` if the session cannot connect; otherwise as `Session.join`
   *
   * @example
   * ```ts
   * import { connect } from 'datastreams-webrtc/peer'
   *
   * export async function enter(): Promise<void> {
   *   const connecting = connect('wss://example.org/signal', { info: { name: 'Ada' } })
   *   const room = await connecting.join('lab', { create: true })
   *   const session = await connecting
   *   console.log(room.name, session.id)
   * }
   * ```
   */
  join(room: string | number, options?: JoinOptions): Promise<Membership>
}

/**
 * Connects to a server.
 *
 * @param url such as `wss://example.org/signal`. http and https mean ws and wss. In a page the URL may be relative
 * @returns the session, after the server has answered `hello`. `await using` closes it. `connect(url).join(room)` joins
 *   a room without waiting for the session
 * @throws PeerError `bad-url`, `unreachable`, `timeout`, `closed`, `bad-server`; SignalError `unauthorized` and other
 *   rejections by the server; the signal's reason if it aborts; whatever the token's function throws
 *
 * @example
 * ```ts
 * import { connect } from 'datastreams-webrtc/peer'
 *
 * export async function watch(): Promise<void> {
 *   const session = await connect('wss://example.org/signal', { info: { name: 'Ada' } })
 *   session.addEventListener('reconnecting', ({ detail }) => console.log(`Trying again in ${detail.delay} s`))
 *   const room = await session.join('lab', { create: true })
 *   room.addEventListener('peer', ({ detail: peer }) => {
 *     peer.addEventListener('stream', async ({ detail: stream }) => {
 *       for await (const chunk of stream) console.log(chunk.track.label, chunk.data)
 *     })
 *   })
 * }
 * ```
 */
export function connect(url: string | URL, options: ConnectOptions = {}): Connecting {
  return connectTimed(url, options, realTiming)
}

/** Like `connect`, with a clock and timers that a test controls. */
export function connectTimed(url: string | URL, options: ConnectOptions, timing: Timing): Connecting {
  let session: ClientSession | undefined
  const open = async (): Promise<Session> => {
    const { token, info = {}, reconnect = true, signal, WebSocket: Socket = WebSocket } = options
    const { wrtc, legacyClients, recording, rtc } = options
    session = new ClientSession({
      url: resolveUrl(url),
      Socket,
      token,
      info,
      reconnect,
      wrtc,
      legacyClients,
      recording,
      rtc,
      timing,
    })
    await session.open(signal)
    return session
  }
  const connected = open()
  const join: Connecting['join'] = async (...args) => {
    // At once, and not after `connected`, so that the request can travel with `hello`.
    const joined = session?.join(...args)
    // If the session cannot connect, its own error says why.
    joined?.catch(() => {})
    await connected
    return joined as Promise<Membership>
  }
  return Object.assign(connected, { join })
}

function resolveUrl(given: string | URL): string {
  let url: URL
  try {
    // Outside a page there is no `location`, so the URL must be absolute.
    url = new URL(given, globalThis.location?.href)
  } catch (cause) {
    throw new PeerError('bad-url', `Cannot connect: the URL must be complete: it is ${given}`, cause)
  }
  url.protocol = url.protocol.replace(/^http/, 'ws')
  url.hash = ''
  if (!/^wss?:$/.test(url.protocol))
    throw new PeerError('bad-url', `Cannot connect to ${url}: its protocol must be ws or wss`)
  return url.href
}
