import type { Context, Handler } from 'hono'
import { getConnInfo, upgradeWebSocket } from 'hono/deno'
import type { UpgradeWebSocket, WSEvents } from 'hono/ws'
import { isUpgrade } from '../shared/handshake.ts'
import { pageFiles } from './files-deno.ts'
import { type Runtime, type Socket, within } from './port.ts'
import { FileError, userFiles } from './user-files.ts'

type CreateEvents = (context: Context) => WSEvents | Promise<WSEvents>

/** What is used of Deno here; its types are not there under `tsc`. */
declare const Deno: {
  env: { get(name: string): string | undefined }
  permissions: {
    querySync(descriptor: { name: 'env'; variable: string } | { name: 'read'; path: string }): { state: string }
  }
  serve(
    options: { port: number; hostname: string; signal: AbortSignal; onListen(): void; cert?: string; key?: string },
    handler: (request: Request, info: object) => Response | Promise<Response>,
  ): { addr: { port: number }; finished: Promise<void>; shutdown(): Promise<void> }
}

export const deno: Runtime = {
  // Deno pings after half the idle time, in seconds, and ends the connection after the other half.
  upgradeWebSocket: (heartbeat) => {
    const options = { idleTimeout: (2 * heartbeat) / 1_000 }
    return ((createEvents: CreateEvents): Handler => {
      const accept = upgradeWebSocket(createEvents, options)
      return (context, next) => accept(inLowerCase(context), next)
    }) as UpgradeWebSocket
  },
  socket: (raw) => new QuietSocket(raw as WebSocket),
  remoteAddress: (context) => (context.env?.remoteAddr ? getConnInfo(context).remote.address : undefined),
  async listen(app, { port, host, tls }) {
    // Deno has no limit on a message's size to set: the service closes with 1009 behind it.
    const abort = new AbortController()
    const options = { port, hostname: host, signal: abort.signal, onListen: () => {}, ...tls }
    const server = Deno.serve(options, (request, info) => app.fetch(request, info))
    return {
      port: server.addr.port,
      async stop(grace) {
        if (!(await within(grace, server.shutdown()))) abort.abort()
      },
    }
  },
  pageFiles,
  async readText(path) {
    const { state } = Deno.permissions.querySync({ name: 'read', path })
    if (state === 'granted') return userFiles.text(path)
    throw new FileError(
      `Cannot read ${path} as Deno was not allowed to: start it with --allow-read=src,${path} as well`,
    )
  },
  // Asked first, as reading without the permission would halt the server at a prompt in its terminal.
  env(name) {
    const { state } = Deno.permissions.querySync({ name: 'env', variable: name })
    return state === 'granted' ? Deno.env.get(name) : undefined
  },
}

/** hono compares the header as it is; by RFC 6455, section 4.2.1, case does not matter. */
function inLowerCase(context: Context): Context {
  const { req } = context
  if (!isUpgrade(context)) return context
  const header = req.header.bind(req)
  req.header = ((name: string) => (name === 'upgrade' ? 'websocket' : header(name))) as typeof req.header
  return context
}

/** So long nothing has come, in milliseconds, before a connection is closed; who never pauses is given a shorter one. */
const QUIET = 50
const SHORT_QUIET = 2
/** From when on the shorter one will do, and how long it is waited for at most, in milliseconds. */
const HURRY = 500
const PATIENCE = 1_000

/**
 * A WebSocket of the web platform has all that is needed. But Deno drops a connection when something comes behind its
 * close, before that has left, and the client hears no reason: so who is in the middle of a flood is closed behind it.
 */
class QuietSocket implements Socket {
  readonly #socket: WebSocket
  #heard = Number.NEGATIVE_INFINITY

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', () => {
      this.#heard = performance.now()
    })
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data)
  }

  close(code?: number, reason?: string, since: number = performance.now()): void {
    const now = performance.now()
    const wait = this.#heard + (now - since < HURRY ? QUIET : SHORT_QUIET) - now
    if (wait <= 0 || now - since >= PATIENCE) this.#socket.close(code, reason)
    else setTimeout(() => this.close(code, reason, since), wait)
  }
}
