/** A graphscript router, and pages with their own graphs. Users of both meet in the rooms of one service. */
import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Router, WSSbackend } from 'graphscript/dist/index.node.js'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { WebRTCService } from '../mod.ts'
import { mount } from '../plugins/graphscript.ts'
import { mount as mountPages } from '../plugins/hono.ts'

const service = new WebRTCService({ codec: 'json' })
const wss = new WSSbackend()
const router = mount(new Router({ graph: { wss } }), service)

// Each socket becomes a user of the router. Its messages call routes, such as `webrtc.connect`.
const sockets = wss.open({
  server: true,
  serverOptions: { port: 0, host: '127.0.0.1', maxPayload: 262_144 },
  onconnection: (_socket: unknown, _request: unknown, _server: unknown, id: string) =>
    router.addUser({ _id: id }, { [id]: { connection: wss.sockets[id] as object, service: 'wss' } }),
} as Parameters<WSSbackend['setupWSS']>[0]) as { wss: WebSocketServer }

const file = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')
const javascript = { 'content-type': 'text/javascript' }
const app = new Hono()
app.get('/', async (context) => context.html(await file('graphscript.html')))
app.get('/graphscript.js', async (context) =>
  context.body(await file(import.meta.resolve('graphscript/dist/index.esm.js')), 200, javascript),
)
app.get('/:path{plugins/[a-z/-]+\\.ts}', async (context) =>
  context.body(stripTypeScriptTypes(await file(`../${context.req.param('path')}`)), 200, javascript),
)
mountPages(app, '/streams', { service })

const server = createAdaptorServer({ fetch: app.fetch, websocket: { server: new WebSocketServer({ noServer: true }) } })
const portOf = (listening: { address(): unknown }): number => (listening.address() as AddressInfo).port
sockets.wss.on('listening', () => {
  console.log(`router at ws://127.0.0.1:${portOf(sockets.wss)}/`)
  server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${portOf(server)}/`))
})
