import { upgradeWebSocket, websocket } from 'hono/bun'
import { pageFiles } from './files-bun.ts'
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
  }): { port: number; stop(closeActiveConnections?: boolean): Promise<void> }
}

interface BunSocket {
  /** @returns the bytes sent, −1 where they wait, 0 where the message was dropped */
  send(data: string | Uint8Array<ArrayBuffer>): number
  close(code?: number, reason?: string): void
  getBufferedAmount(): number
}

/**
 * Beyond its own limit Bun drops messages and says so only in a number; ours comes well before it, as a queue is
 * refused before it can grow to the limit and the largest frame.
 */
const BACKPRESSURE_LIMIT = 64 * 1024 * 1024

export const bun: Runtime = {
  upgradeWebSocket,
  socket: (raw) => new CountedSocket(raw as BunSocket),
  async listen(app, { port, host, frameBytes }) {
    const server = Bun.serve({
      port,
      hostname: host,
      fetch: (request, server) => app.fetch(request, { server }),
      websocket: { ...websocket, maxPayloadLength: frameBytes, backpressureLimit: BACKPRESSURE_LIMIT },
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
}
