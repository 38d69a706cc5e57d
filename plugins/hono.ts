import type { Hono } from 'hono'
import { type AppOptions, createApp, createService, type WebRTCService } from '../src/mod.ts'

/** What `mount` returns. */
export interface Mounted {
  /** The users and rooms of the mounted signaling. */
  service: WebRTCService
  /** Closes the service's connections with 1001, stops its timers and rejects new users. The app continues. */
  close(): void
}

/**
 * Mounts signaling and its page into a hono app. The app's own routes and middleware stay in effect: the middleware
 * decides who may enter. `identify` returns who a user is. Rooms are restricted by its `auth`, and users cannot claim
 * another `auth`.
 *
 * The server that runs the app must accept WebSockets:
 * - on Bun, pass `websocket` of `hono/bun`
 * - on Node, pass `websocket: { server: new WebSocketServer({ noServer: true }) }`
 * - on Deno, nothing is needed
 *
 * @param app the app to mount into
 * @param path path below which signaling is served, such as `/streams`; companions then connect to `/streams/signal`
 * @param options options of the app and its service
 * @returns the service, and a function that closes it
 *
 * @example
 * ```ts
 * import { mount } from 'datastreams-webrtc/plugins/hono'
 * import { Hono } from 'hono'
 * import { basicAuth } from 'hono/basic-auth'
 *
 * const app = new Hono().get('/', (context) => context.text('My own page'))
 * app.use('/streams/*', basicAuth({ username: 'ada', password: 'swordfish' }))
 * const { close } = mount(app, '/streams', { identify: () => ({ auth: 'ada' }) })
 * console.log((await app.request('/streams/rooms')).status) // 401
 * close()
 * ```
 */
export function mount(app: Hono, path: string, options: AppOptions = {}): Mounted {
  const service = options.service ?? createService(options)
  app.route(path, createApp({ ...options, service }))
  // hono distinguishes /streams from /streams/; people do not.
  if (path !== '/') app.get(`${path}/`, (context) => context.redirect(path))
  return { service, close: () => service.close() }
}
