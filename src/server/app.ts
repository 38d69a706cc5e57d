import { type Context, Hono } from 'hono'
import { type ServiceEvent, serverLimits, WebRTCService, type WebRTCServiceOptions } from '../core/mod.ts'
import { secureHeaders } from './connections/origins.ts'
import { Refusals } from './connections/refusals.ts'
import { limitRequests, takeTurns } from './connections/request-limit.ts'
import { acceptSignals } from './connections/signal.ts'
import { type WebOptions, webChecks } from './connections/web-options.ts'
import { answerBearer } from './identity/bearer.ts'
import { type Identify, identities } from './identity/identities.ts'
import { type TokenOptions, tokenChecker } from './identity/tokens.ts'
import { createLog, type Log } from './metrics/log.ts'
import { newMetrics, type ServerMetrics } from './metrics/server-metrics.ts'
import { createHealth, createMonitor } from './monitor.ts'
import { createPage } from './page/page.ts'
import { runtime } from './runtime/mod.ts'
import { Addresses } from './shared/addresses.ts'
import { clientAddress, readRange } from './shared/client-address.ts'
import { checkHandshake, isUpgrade } from './shared/handshake.ts'
import { RequestRates } from './shared/request-rates.ts'
import { RequestTurns } from './shared/turns.ts'

/** The options of an app. Those that configure a service have no effect if `service` is given. */
export interface AppOptions
  extends Pick<WebRTCServiceOptions, 'emptyRoomTtl' | 'iceServers' | 'limits' | 'resumeGrace' | 'turn'>,
    WebOptions {
  /** The service behind the app. @default one of its own */
  service?: WebRTCService
  /**
   * Whose tokens the server accepts. A user without a valid token cannot see or do anything.
   *
   * @default none: the server is open, and takes every token as the user's `auth`
   */
  tokens?: TokenOptions
  /**
   * Returns the identity of a request's user. A middleware in front has established it, for example from a cookie. If
   * the result is undefined, the server answers 401. No token or subprotocol can change this identity.
   *
   * @default nobody says: the server is open, or `tokens` says it
   */
  identify?: Identify
  /** Receives the lines for the operator. @default warnings and errors, as text, to the console */
  log?: Log
  /**
   * Addresses and ranges of the reverse proxies in front, such as `['10.0.0.0/8', '::1']`. The server takes the
   * client's address from the `X-Forwarded-For` of these proxies, and ignores that header from all others.
   *
   * @default []
   */
  trustProxy?: readonly string[]
  /** Maximum of connections from one IPv4 address or IPv6 /64. @default 1000, and any number from this machine */
  connectionsPerAddress?: number
  /**
   * Maximum of HTTP requests from one IPv4 address or IPv6 /64 a second. A burst may have ten times as many. Each 10,000
   * bytes of an answer count as one more request.
   *
   * @default 500, and any number from this machine
   */
  requestsPerAddress?: number
  /** Milliseconds between pings. The server ends a connection that leaves two unanswered. @default 15000 */
  heartbeat?: number
}

const DEFAULT_HEARTBEAT = 15_000
/** The part of the memory that messages may take up while they wait for clients. */
const BUFFERED = 1 / 4

/**
 * Creates a hono app. It serves WebSockets at `/signal` and `/`, the page at `/`, and `/rooms`, `/ice`, `/healthz`,
 * `/readyz` and `/metrics`.
 *
 * On Bun the server also needs `websocket` of `hono/bun`. On Node it needs a `WebSocketServer`. `serve` has both.
 *
 * @throws RangeError if an entry of `trustProxy`, `origins` or `publicUrls` is not valid
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
  const { app, monitor } = createApps(options)
  return app.route('/', monitor)
}

/**
 * Creates the app without `/metrics`, a separate app with `/metrics`, and the metrics that it reports.
 *
 * @param host the address that the server listens on; undefined if another program listens
 */
export function createApps(options: AppOptions, host?: string): { app: Hono; monitor: Hono; metrics: ServerMetrics } {
  const { log = createLog(), heartbeat = DEFAULT_HEARTBEAT } = options
  const service = options.service ?? createService(options)
  const metrics = newMetrics()
  const addresses = new Addresses(options.connectionsPerAddress)
  const proxies = (options.trustProxy ?? []).map(readRange)
  const addressOf = (context: Context): string =>
    clientAddress(runtime.remoteAddress(context) ?? '', context.req.header('x-forwarded-for'), proxies)
  const { identifyAt, identityOf } = identities(options.identify)
  const refusals = new Refusals(log, metrics)
  const checks = webChecks(options, { host, identifies: options.identify !== undefined, refusals })
  const signals = acceptSignals({ service, runtime, log, metrics, addresses, addressOf, identityOf, heartbeat })

  const app = new Hono().onError((cause, context) => {
    log.write('error', 'fault', { message: String(cause.stack ?? cause) })
    return context.text('Internal server error', 500)
  })
  app.use(secureHeaders)
  app.use(takeTurns(new RequestTurns(runtime.nextTurn)))
  app.use(limitRequests(new RequestRates(options.requestsPerAddress), addressOf, metrics))
  app.use(checkHandshake)
  // Before the check of the host: a load balancer may ask for any host, and the answer says nothing about users.
  app.route('/', createHealth(service))
  app.use(checks.host)
  app.use(async (context, next) => {
    // On 503, a load balancer tries another server, and a client tries again.
    if (!service.accepting && isUpgrade(context)) return context.text('draining', 503)
    return next()
  })
  for (const path of ['/', '/signal', '/rooms', '/ice']) {
    app.use(path, checks.origin, identifyAt(path))
  }
  app.get('/signal', signals, (context) => context.text('Connect here with a WebSocket', 426, { upgrade: 'websocket' }))
  // Pages from before version 1 connect to the host without a path.
  app.get('/', signals)
  app.get(
    '/rooms',
    answerBearer(service, identityOf, (asker) => service.publicRooms(asker)),
  )
  app.get(
    '/ice',
    answerBearer(service, identityOf, (asker) => service.iceServers(asker)),
  )
  app.route('/', createPage(runtime.pageFiles(), service.requiresToken))
  return { app, monitor: createMonitor(service, metrics, addresses, log), metrics }
}

/** Creates a service for both codecs: the subprotocol selects msgpack, and all other connections use JSON. */
export function createService(options: AppOptions): WebRTCService {
  const { emptyRoomTtl, iceServers, limits, log, resumeGrace, tokens, turn } = options
  return new WebRTCService({
    codec: 'json',
    authenticate: tokens === undefined ? (token) => token : checkerOf(tokens, log ?? createLog()),
    requireToken: tokens !== undefined,
    emptyRoomTtl,
    iceServers,
    turn,
    limits: { ...serverLimits, bufferedBytes: Math.floor(runtime.memory() * BUFFERED), ...limits },
    resumeGrace,
    onevent: log?.has('info') ? (event) => writeEvent(log, event) : undefined,
  })
}

const checkerOf = (tokens: TokenOptions, log: Log) =>
  tokenChecker(tokens, {
    now: () => Date.now(),
    readText: runtime.readText,
    complain: (message) => log.write('warn', 'keys', { message }),
  })

const writeEvent = (log: Log, { name, ...ids }: ServiceEvent): void =>
  log.write(name === 'refused' ? 'debug' : 'info', name, ids)
