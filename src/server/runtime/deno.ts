import type { Server } from 'node:http'
import process from 'node:process'
import type { Context, Handler } from 'hono'
import { getConnInfo, upgradeWebSocket } from 'hono/deno'
import type { UpgradeWebSocket, WSEvents } from 'hono/ws'
import { isUpgrade } from '../shared/handshake.ts'
import { pageFiles } from './files-deno.ts'
import { heapLimit } from './memory.ts'
import type { Runtime, Socket } from './port.ts'
import { FileError, userFiles } from './user-files.ts'

type CreateEvents = (context: Context) => WSEvents | Promise<WSEvents>

/** The part of Deno that this file uses: `tsc` does not have Deno's types. */
declare const Deno: {
  env: { get(name: string): string | undefined }
  stderr: { write(bytes: Uint8Array): Promise<number> }
  permissions: {
    querySync(
      descriptor:
        | { name: 'env'; variable: string }
        | { name: 'read'; path: string | URL }
        | { name: 'sys'; kind: 'systemMemoryInfo' },
    ): { state: string }
  }
}

/**
 * The server is Node's, on Deno's own `node:http`. `Deno.serve` has no time limit for a request or an answer, no limit
 * for a message, and ends when it has no file descriptor. A host's app still runs in `Deno.serve`.
 */
const [{ node }, { listen }] = await withoutEnvironment(() =>
  Promise.all([import('./node.ts'), import('./node-server.ts')]),
)

export const deno: Runtime = {
  ...node,
  // The idle timeout is in seconds. Deno pings after half of it, and ends the connection after the other half.
  upgradeWebSocket: (heartbeat) => {
    const options = { idleTimeout: (2 * heartbeat) / 1_000 }
    return ((createEvents: CreateEvents): Handler => {
      const accept = node.upgradeWebSocket(heartbeat)(createEvents)
      const acceptInHost = upgradeWebSocket(createEvents, options)
      return (context, next) => (isHosts(context) ? acceptInHost(inLowerCase(context), next) : accept(context, next))
    }) as UpgradeWebSocket
  },
  socket: (raw, heartbeat) => (raw instanceof WebSocket ? new QuietSocket(raw) : node.socket(raw, heartbeat)),
  remoteAddress: (context) => (isHosts(context) ? getConnInfo(context).remote.address : node.remoteAddress(context)),
  listen: (app, options) => listen(app, options, keepAwake),
  async hasFreeDescriptor() {
    const file = new URL('descriptors.ts', import.meta.url)
    if (file.protocol !== 'file:' || Deno.permissions.querySync({ name: 'read', path: file }).state !== 'granted')
      return true
    return node.hasFreeDescriptor()
  },
  pageFiles,
  async readText(path) {
    const { state } = Deno.permissions.querySync({ name: 'read', path })
    if (state === 'granted') return userFiles.text(path)
    throw new FileError(`Cannot read ${path}: Deno does not permit it. Add --allow-read=src,${path}`)
  },
  // Deno's `node:fs` writes within the event loop.
  writeError: (bytes) => Deno.stderr.write(bytes),
  memory() {
    const { state } = Deno.permissions.querySync({ name: 'sys', kind: 'systemMemoryInfo' })
    return state === 'granted' ? node.memory() : heapLimit()
  },
  // Query the permission first: reading without it would halt the server at a prompt in its terminal.
  env(name) {
    const { state } = Deno.permissions.querySync({ name: 'env', variable: name })
    return state === 'granted' ? Deno.env.get(name) : undefined
  },
}

/** Time between two calls that wake a listener, in milliseconds, and the length of Node's queue of new connections. */
const WAKE_STEP = 1_000
const QUEUE = 511

/**
 * Keeps a server accepting. After `accept` has failed because no file descriptor was free, Deno's listener sleeps for
 * ever. To listen again on the same handle does nothing but wake it.
 */
function keepAwake(server: Server): void {
  const timer = setInterval(() => {
    const { _handle: handle } = server as unknown as { _handle: { listen(queue: number): number } | null }
    handle?.listen(QUEUE)
  }, WAKE_STEP)
  server.once('close', () => clearInterval(timer))
}

/** Whether a request comes from a host's `Deno.serve`. */
const isHosts = (context: Context): boolean => context.env?.remoteAddr !== undefined

/**
 * Runs `load` while the environment has only the two variables that `ws` reads as it loads: they keep it from native
 * add-ons. Otherwise Deno would require a permission for each.
 */
async function withoutEnvironment<Result>(load: () => Promise<Result>): Promise<Result> {
  const { env } = process
  process.env = { WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1' }
  try {
    return await load()
  } finally {
    process.env = env
  }
}

/** hono compares the header's exact case, but RFC 6455, section 4.2.1, ignores case. */
function inLowerCase(context: Context): Context {
  const { req } = context
  if (!isUpgrade(context)) return context
  const header = req.header.bind(req)
  req.header = ((name: string) => (name === 'upgrade' ? 'websocket' : header(name))) as typeof req.header
  return context
}

/** Pause in a client's messages before a close, in milliseconds; the short one is for a client that hardly pauses. */
const QUIET = 50
const SHORT_QUIET = 2
/** Wait after which the short pause is enough, and the longest wait for it, in milliseconds. */
const HURRY = 500
const LONGEST_WAIT = 1_000

/**
 * A standard WebSocket, whose `close` waits for a pause in the client's messages. Deno drops a connection if a
 * message arrives after `close` and before the close frame has left. The client would then receive no reason.
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
    // The message that causes a close is not counted yet, because its own handler runs first.
    const wait = Math.max(this.#heard, since) + (now - since < HURRY ? QUIET : SHORT_QUIET) - now
    if (wait <= 0 || now - since >= LONGEST_WAIT) this.#socket.close(code, reason)
    else setTimeout(() => this.close(code, reason, since), wait)
  }
}
