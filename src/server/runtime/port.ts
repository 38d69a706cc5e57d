import type { Context, Hono } from 'hono'
import type { UpgradeWebSocket } from 'hono/ws'
import type { PageFiles } from '../page/page-files.ts'

/** An accepted WebSocket, with what the three runtimes call differently. */
export interface Socket {
  /** @throws Error where the message was not taken */
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  /** Ends the connection without a closing handshake, where the runtime can do it. */
  terminate?(): void
  /** Bytes that wait for the network. */
  readonly bufferedAmount: number
}

export interface ListenOptions {
  /** 0 picks a free one. */
  port: number
  host: string
  /** Largest WebSocket message, in bytes; a larger one closes its connection with 1009, where the runtime can do it. */
  frameBytes: number
  /** Certificate chain and private key, in PEM (RFC 7468): TLS. */
  tls?: { cert: string; key: string }
}

export interface Listener {
  port: number
  /** Takes no more connections and ends those that are left after `grace` milliseconds. */
  stop(grace: number): Promise<void>
}

/** What a server needs of the runtime it runs on; one small file for each. */
export interface Runtime {
  /** @param heartbeat as in `socket` */
  upgradeWebSocket(heartbeat: number): UpgradeWebSocket
  /**
   * @param raw the runtime's own WebSocket, as hono's context has it
   * @param heartbeat milliseconds between pings; two without an answer end the connection
   */
  socket(raw: unknown, heartbeat: number): Socket
  /** Where a request comes from, by its connection; undefined where there is none. */
  remoteAddress(context: Context): string | undefined
  /** @throws Error where the address cannot be listened on; see `isAddressInUse` */
  listen(app: Hono, options: ListenOptions): Promise<Listener>
  pageFiles(): PageFiles
  /**
   * The text of a file that the operator names.
   *
   * @throws FileError where there is none, or it may not be read
   */
  readText(path: string): Promise<string>
  /** An environment variable; undefined also where the program may not read it. */
  env(name: string): string | undefined
}

/** All three say it in the error's code. */
export const isAddressInUse = (cause: unknown): boolean =>
  (cause as { code?: unknown } | null | undefined)?.code === 'EADDRINUSE'

/** Waits for something, but no longer than that many milliseconds; tells whether it came to its end. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
