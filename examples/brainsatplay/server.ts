/** Serves the app in this folder, with signaling at /webrtc. Browsers load the plugin's source without its types. */
import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { mount } from '../../plugins/hono.ts'

const here = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

const app = new Hono()
app.get('/', async (context) => context.html(await here('index.html')))
for (const name of ['app.js', 'arena.js', 'devices.js']) {
  app.get(`/${name}`, async (context) => context.body(await here(name), 200, { 'content-type': 'text/javascript' }))
}
app.get('/plugins/:path{[a-z/-]+\\.ts}', async (context) => {
  const source = stripTypeScriptTypes(await here(`../../plugins/${context.req.param('path')}`))
  return context.body(source, 200, { 'content-type': 'text/javascript' })
})
app.get('/graphscript.js', async (context) =>
  context.body(await here(import.meta.resolve('graphscript/dist/index.esm.js')), 200, {
    'content-type': 'text/javascript',
  }),
)
mount(app, '/webrtc')

const server = createAdaptorServer({ fetch: app.fetch, websocket: { server: new WebSocketServer({ noServer: true }) } })
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
