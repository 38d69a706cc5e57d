import { getConnInfo, upgradeWebSocket, websocket } from 'hono/bun'
import { pageFiles } from './files-bun.ts'
import { type Pings, startPings } from './pings.ts'
import { type Runtime, type Socket, within } from './port.ts'
import { userFiles } from './user-files.ts'

/** What is used of Bun here; its whole types are not there under `deno check`. */
declare const Bun: {
  env: Record<string, string | undefined>
  serve(options: {
    port: number
    hostname: string
    fetch(request: Request, server: unknown): Response | Promise<Response>
    websocket: object
    tls?: { cert: string; key: string }
  }): { port: number; stop(closeActiveConnections?: boolean): Promise<void> }
}

interface BunSocket {
  /** @returns the bytes sent, −1 where they wait, 0 where the message was dropped */
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
 * Beyond its own limit Bun drops messages and says so only in a number; ours comes well before it, as a queue is
 * refused before it can grow to the limit and the largest frame.
 */
const BACKPRESSURE_LIMIT = 64 * 1024 * 1024

export const bun: Runtime = {
  upgradeWebSocket: () => upgradeWebSocket,
  socket(raw, heartbeat) {
    const socket = raw as BunSocket
    // A host with handlers of its own hears no pongs for us: it has Bun's idle timeout.
    if (socket.data.pings === 'possible') socket.data.pings = startPings(socket, heartbeat)
    return new CountedSocket(socket)
  },
  remoteAddress: (context) => (context.env ? getConnInfo(context).remote.address : undefined),
  async listen(app, { port, host, frameBytes, tls }) {
    const server = Bun.serve({
      port,
      hostname: host,
      fetch: (request, server) => app.fetch(request, { server }),
      websocket: { ...handlers, maxPayloadLength: frameBytes, backpressureLimit: BACKPRESSURE_LIMIT },
      tls,
    })
    return {
      port: server.port,
      async stop(grace) {
        if (!(await within(grace, server.stop()))) await within(grace, server.stop(true))
      },
    }
  },
  pageFiles,
  readText: userFiles.text,
  env: (name) => Bun.env[name],
}

/**
 * hono's handlers, and pings of our own: Bun's idle timeout starts anew with whatever is sent, so it never finds the
 * half-open connection of somebody who is being told something.
 */
const handlers = {
  ...websocket,
  idleTimeout: 0,
  sendPings: false,
  open(ws: never) {
    const socket = ws as BunSocket
    const { data } = socket
    // A Buffer's views are Buffers, which cost more to make.
    socket.binaryType = 'uint8array'
    data.pings = 'possible'
    // hono would keep it for as long as the connection stands.
    data.url = undefined
    websocket.open(ws)
  },
  /**
   * Not by way of hono, which makes an event and a context for each message: a microsecond, and nobody here reads them. Nor
   * as its ArrayBuffer, which Bun only makes when it is asked for: a tenth of what a signal costs.
   */
  message(ws: never, data: string | Uint8Array<ArrayBuffer>) {
    pingsOf(ws)?.heard()
    ;(ws as BunSocket).data.events.onMessage?.({ data })
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
    if (this.#socket.send(data) === 0) throw new Error('Cannot send as the connection is closed')
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }
}
