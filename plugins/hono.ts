import type { Hono } from 'hono'
import { type AppOptions, createApp } from '../mod.ts'

/**
 * Mounts signaling and its page into a hono app, beside the app's own routes and behind its own middleware.
 *
 * The server that runs the app also accepts WebSockets: on Bun give it `websocket` of `hono/bun`, on Node the option
 * `websocket: { server: new WebSocketServer({ noServer: true }) }`; Deno needs nothing.
 *
 * @param app the host
 * @param path where it goes, such as `/streams`: companions then connect to `/streams/signal`
 * @returns the host
 *
 * @example
 * ```ts
 * import { mount } from 'datastreams-webrtc/plugins/hono'
 * import { Hono } from 'hono'
 *
 * const app = new Hono().get('/', (context) => context.text('My own page'))
 * mount(app, '/streams')
 * console.log(await (await app.request('/streams/healthz')).text()) // ok
 * ```
 */
export function mount(app: Hono, path: string, options: AppOptions = {}): Hono {
  app.route(path, createApp(options))
  // hono tells /streams and /streams/ apart; people do not.
  return path === '/' ? app : app.get(`${path}/`, (context) => context.redirect(path))
}
