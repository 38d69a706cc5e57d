/** Adds signaling to an app that has its own routes. */
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { mount } from '../plugins/hono.ts'

const app = new Hono()
app.get('/', async (context) => context.html(await readFile(new URL('page.html', import.meta.url), 'utf8')))
mount(app, '/streams')

const server = createAdaptorServer({ fetch: app.fetch, websocket: { server: new WebSocketServer({ noServer: true }) } })
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
})
