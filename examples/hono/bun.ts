import process from 'node:process'
import { websocket } from 'hono/bun'
import { app, close } from './app.ts'

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request, server) => app.fetch(request, { server }),
  websocket,
})
console.log(`listening on http://127.0.0.1:${server.port}/`)
process.once('SIGTERM', async () => {
  close()
  await server.stop()
})
