import type { Info } from '../protocol/mod.ts'
import { PeerError } from './errors.ts'
import { Session } from './session.ts'
import { openSocket, type WebSocketConstructor } from './signaling.ts'
import type { Wrtc } from './simple-peer.ts'

export interface ConnectOptions {
  /** Who one is, for servers that ask. */
  token?: string
  /** What others see, such as `{ name: 'Ada' }`; at most 4 KiB of msgpack. */
  info?: Info
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
 *   refuses; the signal's reason where it was aborted
 *
 * @example
 * ```ts
 * import { connect } from 'datastreams-webrtc/peer'
 *
 * export async function watch(): Promise<void> {
 *   const session = await connect('wss://example.org/signal', { info: { name: 'Ada' } })
 *   const room = await session.join('lab', { create: true })
 *   room.addEventListener('peer', ({ detail: peer }) => {
 *     peer.addEventListener('stream', async ({ detail: stream }) => {
 *       for await (const chunk of stream) console.log(chunk.track.label, chunk.data)
 *     })
 *   })
 * }
 * ```
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<Session> {
  const { token, info = {}, signal, WebSocket: Socket = WebSocket, wrtc, rtc } = options
  const socket = await openSocket(resolveUrl(url), Socket, signal)
  const session = new Session(socket, { info, wrtc, rtc })
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  try {
    await Promise.race([session.hello(token), aborted])
    return session
  } catch (error) {
    session.close()
    throw error
  }
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
