import { Hono } from 'hono'
import { serverLimits, WebRTCService, type WebRTCServiceOptions } from '../core/mod.ts'
import { createPage } from './page.ts'
import { runtime } from './runtime/mod.ts'
import { acceptSignals } from './signal.ts'

type ServiceOption = 'emptyRoomTtl' | 'iceServers' | 'limits' | 'resumeGrace'

/** What the service is made with, or the service itself, which then brings its own. */
export interface AppOptions extends Pick<WebRTCServiceOptions, ServiceOption> {
  /** The service behind the app. @default one of its own, open: it takes every token as the user's `auth` */
  service?: WebRTCService
}

/**
 * A hono app: WebSockets at `/signal` and `/`, `/rooms`, `/ice`, `/healthz`, `/readyz`, and the page at `/`.
 *
 * On Bun the server also needs `websocket` of `hono/bun`, on Node a `WebSocketServer`; `serve` brings both.
 *
 * @example
 * ```ts
 * import { createApp } from 'datastreams-webrtc'
 * import { Hono } from 'hono'
 *
 * const app = new Hono().route('/streams', createApp())
 * console.log((await app.request('/streams/healthz')).status) // 200
 * ```
 */
export function createApp(options: AppOptions = {}): Hono {
  const service = options.service ?? openService(options)
  const signals = acceptSignals(service, runtime)
  const app = new Hono()
  app.get('/signal', signals, (context) => context.text('Connect here with a WebSocket', 426, { upgrade: 'websocket' }))
  // Pages of the service before version 1 connect to the host alone.
  app.get('/', signals)
  app.get('/rooms', (context) => context.json(service.publicRooms()))
  app.get('/ice', async (context) => context.json(await service.iceServers()))
  app.get('/healthz', (context) => context.text('ok'))
  app.get('/readyz', (context) => (service.closed ? context.text('closing', 503) : context.text('ready')))
  app.route('/', createPage(runtime.pageFiles()))
  return app
}

/** A service for users of both codecs: the subprotocol selects msgpack, all others speak JSON. */
export const openService = ({ emptyRoomTtl, iceServers, limits, resumeGrace }: AppOptions): WebRTCService =>
  new WebRTCService({
    codec: 'json',
    authenticate: (token) => token,
    emptyRoomTtl,
    iceServers,
    limits: { ...serverLimits, ...limits },
    resumeGrace,
  })
