import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { createAdaptorServer, upgradeWebSocket } from '@hono/node-server'
import { type WebSocket, WebSocketServer } from 'ws'
import { pageFiles } from './files-node.ts'
import { type Runtime, within } from './port.ts'
import { userFiles } from './user-files.ts'

export const node: Runtime = {
  upgradeWebSocket,
  // A `ws` WebSocket has all of it.
  socket: (raw) => raw as WebSocket,
  async listen(app, { port, host, frameBytes }) {
    const sockets = new WebSocketServer({ noServer: true, maxPayload: frameBytes })
    const server = createAdaptorServer({ fetch: app.fetch, websocket: { server: sockets } })
    server.listen(port, host)
    await once(server, 'listening')
    return {
      port: (server.address() as AddressInfo).port,
      async stop(grace) {
        const closed = once(server, 'close')
        server.close()
        if ('closeIdleConnections' in server) server.closeIdleConnections()
        await within(grace, closed)
        for (const socket of sockets.clients) socket.terminate()
        if ('closeAllConnections' in server) server.closeAllConnections()
      },
    }
  },
  pageFiles,
  readText: userFiles.text,
  env: (name) => process.env[name],
}
