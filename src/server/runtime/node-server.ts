import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { oneAtATime } from './one-at-a-time.ts'
import { type Listener, type ListenOptions, within } from './port.ts'

/**
 * Listens with the modules that Node and Deno share: `node:http`, `node:https` and `ws`.
 *
 * @param onlistening receives the server
 */
export async function listen(
  app: Hono,
  options: ListenOptions,
  onlistening?: (server: Server) => void,
): Promise<Listener> {
  const { port, host, frameBytes, tls } = options
  if (tls !== undefined) checkCertificate(tls)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: frameBytes })
  const time = Math.max(SHORTEST_TIME, options.requestTime)
  const bounds = { shouldUpgradeCallback, ...boundsOf(time) }
  const server = createAdaptorServer({
    fetch: app.fetch,
    websocket: { server: sockets },
    // Do not replace the Request and Response of the program that calls serve().
    overrideGlobalObjects: false,
    createServer: ((_: object, answer: RequestListener) =>
      tls === undefined
        ? createServer(bounds, oneAtATime(answer))
        : createTlsServer(
            { ...bounds, ...tls, handshakeTimeout: bounds.headersTimeout },
            oneAtATime(answer),
          )) as typeof createServer,
  })
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    // node:http closes silent connections too, but not one whose upgrade it has handed over. `ws` ends this timeout.
    socket.setTimeout(time, () => socket.destroy())
  })
  server.setTimeout(time)
  server.listen(port, host)
  await once(server, 'listening')
  // Without a listener, the error of one `accept` would end the process.
  server.on('error', options.onfault)
  onlistening?.(server as Server)
  return {
    port: (server.address() as AddressInfo).port,
    async stop(grace) {
      const closed = new Promise((resolve) => server.once('close', resolve))
      server.close()
      if ('closeIdleConnections' in server) server.closeIdleConnections()
      await within(grace, closed)
      for (const socket of sockets.clients) socket.terminate()
      if ('closeAllConnections' in server) server.closeAllConnections()
    },
  }
}

/** Shortest time for a request, in milliseconds: below it, a slow network could not bring one. */
const SHORTEST_TIME = 1_000

/** Node's own time between two requests of a connection, in milliseconds. */
const KEEP_ALIVE = 5_000

/** node:http looks for late requests at an interval, so a request must be complete before the end of the time. */
const boundsOf = (time: number): ServerOptions => ({
  headersTimeout: Math.round(0.8 * time),
  requestTimeout: Math.round(0.8 * time),
  connectionsCheckingInterval: Math.round(0.1 * time),
  keepAliveTimeout: Math.min(KEEP_ALIVE, Math.round(0.5 * time)),
})

/** Treat an upgrade to another protocol, such as HTTP/2, as an ordinary request: otherwise nothing would answer it. */
const shouldUpgradeCallback = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket'

/**
 * Checks a certificate and its key before listening: Deno would listen with any text, and fail at every handshake.
 *
 * @throws Error if one of them is no PEM, or the key is another certificate's
 */
function checkCertificate({ cert, key }: { cert: string; key: string }): void {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the key is not that of the certificate')
  }
}
