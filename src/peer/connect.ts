import type { Info } from '../protocol/mod.ts'
import type { Wrtc } from './link/mod.ts'
import { Session } from './room/mod.ts'
import { PeerError, realTiming, type Timing } from './shared/mod.ts'
import type { WebSocketConstructor } from './signaling/mod.ts'

export interface ConnectOptions {
  /** Who one is, for servers that ask; a function is asked for one each time that the server is. */
  token?: string | (() => string | Promise<string>)
  /** What others see, such as `{ name: 'Ada' }`; at most 4 KiB of msgpack. */
  info?: Info
  /**
   * Whether a connection that is lost is made again, and the session goes on: exactly where it was for as long as the
   * server keeps it, 30 s unless it was told otherwise, and from scratch after that.
   *
   * @default true
   */
  reconnect?: boolean
  /** Gives up connecting; a session that is there is closed with `close`. */
  signal?: AbortSignal
  /** @default the platform's */
  WebSocket?: WebSocketConstructor
  /** WebRTC, where the platform has none; such as `@roamhq/wrtc`. */
  wrtc?: Wrtc
  /**
   * For every RTCPeerConnection, over what the server says; such as `{ iceTransportPolicy: 'relay' }`, so that others
   * never see one's address.
   */
  rtc?: RTCConfiguration
}

/**
 * Connects to a server.
 *
 * @param url such as `wss://example.org/signal`; http and https stand for ws and wss, and in a page it may be relative
 * @throws PeerError `bad-url`, `unreachable`, `timeout`, `closed`; SignalError `unauthorized` and what else the server
 *   refuses; the signal's reason where it was aborted; what the token's function throws
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
export function connect(url: string | URL, options: ConnectOptions = {}): Promise<Session> {
  return connectTimed(url, options, realTiming)
}

/** The same, in a time that a test gives. */
export async function connectTimed(url: string | URL, options: ConnectOptions, timing: Timing): Promise<Session> {
  const { token, info = {}, reconnect = true, signal, WebSocket: Socket = WebSocket, wrtc, rtc } = options
  const session = new Session({ url: resolveUrl(url), Socket, token, info, reconnect, wrtc, rtc, timing })
  await session.open(signal)
  return session
}

function resolveUrl(given: string | URL): string {
  let url: URL
  try {
    // Outside of pages there is no location, and a URL must be whole.
    url = new URL(given, globalThis.location?.href)
  } catch (cause) {
    throw new PeerError('bad-url', `Cannot connect as the URL must be whole: it is ${given}`, cause)
  }
  url.protocol = url.protocol.replace(/^http/, 'ws')
  url.hash = ''
  if (!/^wss?:$/.test(url.protocol)) throw new PeerError('bad-url', `Cannot connect to ${url} as it must be ws or wss`)
  return url.href
}
