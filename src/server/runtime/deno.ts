import type { Context, Handler } from 'hono'
import { getConnInfo, upgradeWebSocket } from 'hono/deno'
import type { UpgradeWebSocket, WSEvents } from 'hono/ws'
import { isUpgrade } from '../shared/handshake.ts'
import { DenoSocket } from './deno-socket.ts'
import { pageFiles } from './files-deno.ts'
import { heapLimit, systemMemory } from './memory.ts'
import { type Runtime, within } from './port.ts'
import { FileError, userFiles } from './user-files.ts'

type CreateEvents = (context: Context) => WSEvents | Promise<WSEvents>

/** The part of Deno that this file uses: `tsc` does not have Deno's types. */
declare const Deno: {
  env: { get(name: string): string | undefined }
  permissions: {
    querySync(
      descriptor:
        | { name: 'env'; variable: string }
        | { name: 'read'; path: string }
        | { name: 'sys'; kind: 'systemMemoryInfo' },
    ): { state: string }
  }
  serve(
    options: { port: number; hostname: string; signal: AbortSignal; onListen(): void; cert?: string; key?: string },
    handler: (request: Request, info: object) => Response | Promise<Response>,
  ): { addr: { port: number }; finished: Promise<void>; shutdown(): Promise<void> }
}

export const deno: Runtime = {
  // The idle timeout is in seconds. Deno pings after half of it, and ends the connection after the other half.
  upgradeWebSocket: (heartbeat) => {
    const options = { idleTimeout: (2 * heartbeat) / 1_000 }
    return ((createEvents: CreateEvents): Handler => {
      const accept = upgradeWebSocket(createEvents, options)
      return (context, next) => accept(inLowerCase(context), next)
    }) as UpgradeWebSocket
  },
  socket: (raw) => new DenoSocket(raw as WebSocket),
  remoteAddress: (context) => (context.env?.remoteAddr ? getConnInfo(context).remote.address : undefined),
  async listen(app, { port, host, tls }) {
    // Deno has no option to limit the size of a message. The service closes with 1009 after one that is too large.
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
    throw new FileError(`Cannot read ${path}: Deno does not permit it. Add --allow-read=src,${path}`)
  },
  memory() {
    const { state } = Deno.permissions.querySync({ name: 'sys', kind: 'systemMemoryInfo' })
    return state === 'granted' ? Math.min(systemMemory(), heapLimit()) : heapLimit()
  },
  // Query the permission first: reading without it would halt the server at a prompt in its terminal.
  env(name) {
    const { state } = Deno.permissions.querySync({ name: 'env', variable: name })
    return state === 'granted' ? Deno.env.get(name) : undefined
  },
}

/** hono compares the header's exact case, but RFC 6455, section 4.2.1, ignores case. */
function inLowerCase(context: Context): Context {
  const { req } = context
  if (!isUpgrade(context)) return context
  const header = req.header.bind(req)
  req.header = ((name: string) => (name === 'upgrade' ? 'websocket' : header(name))) as typeof req.header
  return context
}
