import type { Hono } from 'hono'
import { type AppOptions, createApp, createService, type WebRTCService } from '../mod.ts'

/** What was mounted. */
export interface Mounted {
  service: WebRTCService
  /** Closes its connections with 1001, stops its timers and takes nobody any more; the app goes on. */
  close(): void
}

/**
 * Mounts signaling and its page into a hono app, beside the app's own routes and behind its own middleware. Who is let in
 * there is who they are here, where `identify` says it: rooms are restricted by its `auth`, and nobody can claim another.
 *
 * The server that runs the app also accepts WebSockets: on Bun give it `websocket` of `hono/bun`, on Node the option
 * `websocket: { server: new WebSocketServer({ noServer: true }) }`; Deno needs nothing.
 *
 * @param app the host
 * @param path where it goes, such as `/streams`: companions then connect to `/streams/signal`
 * @returns its service, and how to end it
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
  // hono tells /streams and /streams/ apart; people do not.
  if (path !== '/') app.get(`${path}/`, (context) => context.redirect(path))
  return { service, close: () => service.close() }
}
