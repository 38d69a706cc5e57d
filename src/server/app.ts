import { Hono } from 'hono'
import { serverLimits, WebRTCService, type WebRTCServiceOptions } from '../core/mod.ts'
import { answerBearer } from './bearer.ts'
import { checkOrigin, secureHeaders } from './origins.ts'
import { createPage } from './page.ts'
import { runtime } from './runtime/mod.ts'
import { acceptSignals } from './signal.ts'
import { type TokenOptions, tokenChecker } from './tokens.ts'

type ServiceOption = 'emptyRoomTtl' | 'iceServers' | 'limits' | 'resumeGrace' | 'turn'

/** What the service is made with, or the service itself, which then brings its own. */
export interface AppOptions extends Pick<WebRTCServiceOptions, ServiceOption> {
  /** The service behind the app. @default one of its own */
  service?: WebRTCService
  /**
   * Whose tokens are taken; nobody may do or see anything without one.
   *
   * @default none: the server is open, and takes every token as the user's `auth`
   */
  tokens?: TokenOptions
  /** The origins whose pages may use the server, such as `https://lab.example.org`. @default all */
  origins?: string[]
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
  const service = options.service ?? newService(options)
  const signals = acceptSignals(service, runtime)
  const app = new Hono()
  app.use(secureHeaders)
  for (const path of ['/', '/signal', '/rooms', '/ice']) app.use(path, checkOrigin(options.origins))
  app.get('/signal', signals, (context) => context.text('Connect here with a WebSocket', 426, { upgrade: 'websocket' }))
  // Pages of the service before version 1 connect to the host alone.
  app.get('/', signals)
  app.get(
    '/rooms',
    answerBearer(service, (asker) => service.publicRooms(asker)),
  )
  app.get(
    '/ice',
    answerBearer(service, (asker) => service.iceServers(asker)),
  )
  app.get('/healthz', (context) => context.text('ok'))
  app.get('/readyz', (context) => (service.closed ? context.text('closing', 503) : context.text('ready')))
  app.route('/', createPage(runtime.pageFiles()))
  return app
}

/** A service for users of both codecs: the subprotocol selects msgpack, all others speak JSON. */
export function newService(options: AppOptions): WebRTCService {
  const { emptyRoomTtl, iceServers, limits, resumeGrace, tokens, turn } = options
  const now = () => Date.now()
  return new WebRTCService({
    codec: 'json',
    authenticate: tokens === undefined ? (token) => token : tokenChecker(tokens, { now, readText: runtime.readText }),
    requireToken: tokens !== undefined,
    emptyRoomTtl,
    iceServers,
    turn,
    limits: { ...serverLimits, ...limits },
    resumeGrace,
  })
}
