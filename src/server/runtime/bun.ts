import { setImmediate } from 'node:timers'
import { getConnInfo, upgradeWebSocket, websocket } from 'hono/bun'
import { hasFreeDescriptor } from './descriptors.ts'
import { pageFiles } from './files-bun.ts'
import { systemMemory } from './memory.ts'
import { type Pings, startPings } from './pings.ts'
import { type Runtime, type Socket, within } from './port.ts'
import { writeError } from './standard-error.ts'
import { userFiles } from './user-files.ts'

/** The part of Bun that this file uses: `deno check` does not have Bun's types. */
declare const Bun: {
  env: Record<string, string | undefined>
  serve(options: {
    port: number
    hostname: string
    fetch(request: Request, server: unknown): Response | Promise<Response>
    websocket: object
    idleTimeout: number
    maxRequestBodySize: number
    tls?: { cert: string; key: string }
  }): { port: number; stop(closeActiveConnections?: boolean): Promise<void> }
}

interface BunSocket {
  /** @returns the bytes sent; −1 if Bun buffered the message, 0 if Bun dropped it */
  send(data: string | Uint8Array<ArrayBuffer>): number
  close(code?: number, reason?: string): void
  getBufferedAmount(): number
  ping(): number
  terminate(): void
  binaryType: string
  readonly data: {
    pings?: Pings | 'possible'
    url?: URL
    events: { onMessage?(event: { data: string | Uint8Array<ArrayBuffer> }): void }
  }
}

/**
 * Bun drops messages over this limit, and reports that only by the number that `send` returns. The service's own
 * limit is well below: it never lets a queue grow to `queuedBytes` plus the largest frame.
 */
const BACKPRESSURE_LIMIT = 64 * 1024 * 1024

/** No request of ours has a body. Bun would hold up to 128 MiB of each in memory. */
const MOST_BODY = 1_024

export const bun: Runtime = {
  upgradeWebSocket: () => upgradeWebSocket,
  socket(raw, heartbeat) {
    const socket = raw as BunSocket
    // Send no pings under a host's own handlers: they pass on no pongs. Bun's idle timeout applies there.
    if (socket.data.pings === 'possible') socket.data.pings = startPings(socket, heartbeat)
    return new CountedSocket(socket)
  },
  remoteAddress: (context) => (context.env ? getConnInfo(context).remote.address : undefined),
  async listen(app, { port, host, frameBytes, tls, requestTime }) {
    const server = Bun.serve({
      port,
      hostname: host,
      fetch: (request, server) => app.fetch(request, { server }),
      websocket: { ...handlers, maxPayloadLength: frameBytes, backpressureLimit: BACKPRESSURE_LIMIT },
      // In seconds, and at most 255. Bun has its own limit, of about 12 s, until a request has arrived.
      idleTimeout: Math.min(255, Math.max(1, Math.floor(requestTime / 1_000))),
      maxRequestBodySize: MOST_BODY,
      tls,
    })
    return {
      port: server.port,
      async stop(grace) {
        if (!(await within(grace, server.stop()))) await within(grace, server.stop(true))
      },
    }
  },
  hasFreeDescriptor,
  pageFiles,
  readText: userFiles.text,
  writeError,
  memory: systemMemory,
  env: (name) => Bun.env[name],
  nextTurn: setImmediate,
}

/**
 * hono's handlers, with our own pings. Bun's idle timeout starts again with every message that the server sends. So
 * it never detects a half-open connection that the server sends to.
 */
const handlers = {
  ...websocket,
  idleTimeout: 0,
  sendPings: false,
  open(ws: never) {
    const socket = ws as BunSocket
    const { data } = socket
    // Views of a Buffer are Buffers, which cost more to create.
    socket.binaryType = 'uint8array'
    data.pings = 'possible'
    // Otherwise hono keeps the URL for as long as the connection is open.
    data.url = undefined
    websocket.open(ws)
  },
  /**
   * Bypasses hono, which creates an event and a context for each message. That takes a microsecond, and nothing here
   * reads them. Also, hono reads the message's ArrayBuffer. Bun creates it on demand, for a tenth of a signal's cost.
   */
  message(ws: never, data: string | Uint8Array<ArrayBuffer>) {
    const socket = ws as BunSocket
    pingsOf(socket)?.heard()
    socket.data.events.onMessage?.({ data })
  },
  pong: (ws: never): void => pingsOf(ws)?.heard(),
  close(ws: never, code: number, reason: string) {
    pingsOf(ws)?.stop()
    websocket.close(ws, code, reason)
  },
}

function pingsOf(ws: unknown): Pings | undefined {
  const { pings } = (ws as BunSocket).data
  return pings === 'possible' ? undefined : pings
}

class CountedSocket implements Socket {
  readonly #socket: BunSocket

  constructor(socket: BunSocket) {
    this.#socket = socket
  }

  get bufferedAmount(): number {
    return this.#socket.getBufferedAmount()
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.send(data) === 0) throw new Error('Cannot send: the connection is closed')
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }
}
