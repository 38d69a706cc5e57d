import type { Transport } from '../../core/mod.ts'
import type { Socket } from '../runtime/port.ts'
import type { Log } from '../shared/log.ts'

/** Codes of closes for what came over a connection, or for what there was too much of. */
const FOR_CAUSE: ReadonlySet<number | undefined> = new Set([1003, 1008, 1009, 1011, 1013])

/** How long somebody has to answer a closing handshake before what it sends is held against it, in milliseconds. */
const PATIENCE = 2_000

/** A user's connection, as the service takes it. */
export class SocketTransport implements Transport {
  id?: number
  readonly protocol: string
  /** For what reason we have closed it, if we have. */
  closedFor: string | undefined
  /** Whether it is known to be closed. */
  over = false
  #closing = Number.POSITIVE_INFINITY
  readonly #socket: Socket
  readonly #log: Log

  constructor(socket: Socket, protocol: string, log: Log) {
    this.#socket = socket
    this.protocol = protocol
    this.#log = log
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data)
  }

  close(code?: number, reason?: string): void {
    this.#log.write(FOR_CAUSE.has(code) ? 'warn' : 'info', 'closing', { user: this.id, code, reason })
    this.closedFor ??= reason ?? ''
    this.#closing = Math.min(this.#closing, performance.now())
    this.#socket.close(code, reason)
  }

  /** Something came behind our close, as happens; who goes on and on is cut off, where the runtime can do it. */
  ignored(): void {
    if (performance.now() - this.#closing > PATIENCE) this.#socket.terminate?.()
  }
}
