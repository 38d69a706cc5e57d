import type { Context, Hono } from 'hono'
import type { UpgradeWebSocket } from 'hono/ws'
import type { PageFiles } from '../page/page-files.ts'
import type { NextTurn } from '../shared/turns.ts'

/** An accepted WebSocket, with one interface for the three runtimes. */
export interface Socket {
  /** @throws Error if the connection does not accept the message */
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  /** Drops the send buffer, and ends the connection without a closing handshake; absent if the runtime cannot. */
  terminate?(): void
  /** Stops reading from the connection; absent if the runtime cannot. Further messages may still come. */
  pause?(): void
  /** Starts reading again. */
  resume?(): void
  /** Bytes in the send buffer. */
  readonly bufferedAmount: number
}

export interface ListenOptions {
  /** 0 picks a free port. */
  port: number
  host: string
  /** Largest WebSocket message, in bytes. After a larger one, the runtime closes with 1009 if it can. */
  frameBytes: number
  /** Certificate chain and private key for TLS, in PEM (RFC 7468). */
  tls?: { cert: string; key: string }
  /**
   * Milliseconds for a client to send a request; at least 1,000. A connection that is silent for this long, or receives
   * nothing of its answer for this long, is closed.
   */
  requestTime: number
  /** Called with the error if the runtime cannot accept a connection. */
  onfault(cause: Error): void
}

export interface Listener {
  port: number
  /** Stops accepting connections, and ends those that are still open after `grace` milliseconds. */
  stop(grace: number): Promise<void>
}

/** What a server needs from its runtime. Each runtime has one small file that provides it. */
export interface Runtime {
  /** @param heartbeat as in `socket` */
  upgradeWebSocket(heartbeat: number): UpgradeWebSocket
  /**
   * @param raw the runtime's own WebSocket, from hono's context
   * @param heartbeat milliseconds between pings; two unanswered pings end the connection
   */
  socket(raw: unknown, heartbeat: number): Socket
  /** Returns the remote address of a request's connection; undefined if there is no connection. */
  remoteAddress(context: Context): string | undefined
  /** @throws Error if the runtime cannot listen on the address; see `isAddressInUse` */
  listen(app: Hono, options: ListenOptions): Promise<Listener>
  /** Whether a file descriptor is free; true also if the program may not find out. */
  hasFreeDescriptor(): Promise<boolean>
  pageFiles(): PageFiles
  /**
   * Reads the text of a file that the operator names.
   *
   * @throws FileError if there is no such file, or the program may not read it
   */
  readText(path: string): Promise<string>
  /**
   * Writes some bytes to standard error, outside the event loop.
   *
   * @returns how many
   * @throws Error for example on a full disk; with the code `EAGAIN` or the name `WouldBlock` if a pipe is full
   */
  writeError(bytes: Uint8Array): Promise<number>
  /** Returns the least of the memory of the machine, of the container, and of V8's heap, in bytes. */
  memory(): number
  /** Returns an environment variable; undefined also if the program may not read it. */
  env(name: string): string | undefined
  nextTurn: NextTurn
}

/** Whether an error of `listen` means that the port is in use: all three runtimes set this code. */
export const isAddressInUse = (cause: unknown): boolean =>
  (cause as { code?: unknown } | null | undefined)?.code === 'EADDRINUSE'

/**
 * Waits for `work`, but at most `ms` milliseconds.
 *
 * @returns whether `work` resolved in time
 */
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
