import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { createAdaptorServer, upgradeWebSocket } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type WebSocket, WebSocketServer } from 'ws'
import { pageFiles } from './files-node.ts'
import { heapLimit, systemMemory } from './memory.ts'
import { startPings } from './pings.ts'
import { type Runtime, within } from './port.ts'
import { userFiles } from './user-files.ts'

export const node: Runtime = {
  upgradeWebSocket: () => upgradeWebSocket,
  // A `ws` WebSocket has everything except a heartbeat.
  socket(raw, heartbeat) {
    const socket = raw as WebSocket
    const { heard, stop } = startPings(socket, heartbeat)
    socket.on('pong', heard).on('message', heard).on('close', stop)
    return socket
  },
  remoteAddress: (context) => (context.env?.incoming ? getConnInfo(context).remote.address : undefined),
  async listen(app, { port, host, frameBytes, tls }) {
    const sockets = new WebSocketServer({ noServer: true, maxPayload: frameBytes })
    // Do not replace the Request and Response of the program that calls serve().
    const options = { fetch: app.fetch, websocket: { server: sockets }, overrideGlobalObjects: false }
    const server = createAdaptorServer(
      tls === undefined
        ? { ...options, serverOptions: { shouldUpgradeCallback } }
        : { ...options, createServer: createTlsServer, serverOptions: { ...tls, shouldUpgradeCallback } },
    )
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
  memory: () => Math.min(systemMemory(), heapLimit()),
  env: (name) => process.env[name],
}

/** Treat an upgrade to another protocol, such as HTTP/2, as an ordinary request: otherwise nothing would answer it. */
const shouldUpgradeCallback = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket'
