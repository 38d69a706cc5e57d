/** A liveserver app whose users share streams. Each page has its own router, and so has the backend. */
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { mount } from '../plugins/hono.ts'
import { LiveserverWebRTC } from '../plugins/liveserver.ts'
// The package with the Router is no longer on the registry, so this example uses a replacement. Your app has its own.
import { Router } from '../test/fixture/liveserver-router.ts'

const router = new Router()
await router.load(new LiveserverWebRTC())

const file = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')
const app = new Hono()
app.get('/', async (context) => context.html(await file('liveserver.html')))
app.get('/:path{(plugins|test/fixture)/liveserver-[a-z]+\\.ts}', async (context) => {
  const code = stripTypeScriptTypes(await file(`../${context.req.param('path')}`))
  return context.body(code.replaceAll('../src/', '../streams/modules/'), 200, { 'content-type': 'text/javascript' })
})
// Serves the companion's modules to the page. An app with a bundler does not need this.
mount(app, '/streams')

const server = createAdaptorServer({ fetch: app.fetch }) as Server
const sockets = new WebSocketServer({ server, maxPayload: 262_144 })
let users = 0
sockets.on('connection', async (socket, { url = '' }) => {
  const username = new URL(url, 'http://localhost').searchParams.get('name') ?? ''
  const user = { id: `user-${++users}`, username, send: (message: object) => socket.send(JSON.stringify(message)) }
  socket.on('message', async (text) => {
    const answer = await router.receive(String(text), user.id)
    if (answer !== undefined) socket.send(answer)
  })
  socket.on('close', () => router.removeUser(user))
  await router.addUser(user)
})
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
