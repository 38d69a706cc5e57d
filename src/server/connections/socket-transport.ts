import type { Transport } from '../../core/mod.ts'
import type { Log } from '../metrics/log.ts'
import type { Socket } from '../runtime/port.ts'
import { networkOf } from '../shared/client-address.ts'

/** Close codes for what a client sent, for an exceeded limit, or for a fault. The log reports them as warnings. */
const FOR_CAUSE: ReadonlySet<number | undefined> = new Set([1003, 1008, 1009, 1011, 1013])

/**
 * How long a client may take to answer a closing handshake, in milliseconds. The server terminates the connection of
 * a client that still sends after that.
 */
const CLOSE_TIMEOUT = 2_000

/** What a connection's request says about it. */
export interface SocketOrigin {
  protocol: string
  /** Empty if it is unknown. */
  address: string
  /** Whether the address may be a proxy's. */
  isShared: boolean
}

/** A user's connection, as the service's `Transport`. */
export class SocketTransport implements Transport {
  id?: number
  readonly protocol: string
  /** The client's address; empty if it is unknown. */
  readonly from: string
  /** The network of that address, as the service counts it. Undefined if it is unknown. */
  readonly address: string | undefined
  readonly isShared: boolean
  /** The reason of the server's own close; undefined without one. */
  closedFor: string | undefined
  /** Whether the close event has arrived. */
  over = false
  #closing = Number.POSITIVE_INFINITY
  readonly #socket: Socket
  readonly #log: Log

  constructor(socket: Socket, { protocol, address, isShared }: SocketOrigin, log: Log) {
    this.#socket = socket
    this.protocol = protocol
    this.from = address
    this.address = address === '' ? undefined : networkOf(address)
    this.isShared = isShared
    this.#log = log
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    // `ws` would accept the message, and count it as queued for ever.
    if (this.over) throw new Error('Cannot send: the connection is closed')
    this.#socket.send(data)
  }

  close(code?: number, reason?: string): void {
    // The first reason counts. Deno delivers messages until the close frame has left, and another may break a rule too.
    if (this.closedFor !== undefined) return
    this.#log.write(FOR_CAUSE.has(code) ? 'warn' : 'info', 'closing', { user: this.id, code, reason })
    this.closedFor = reason ?? ''
    this.#closing = performance.now()
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate?.()
  }

  /** Stops reading, if the runtime can. */
  pause(): void {
    this.#socket.pause?.()
  }

  /** Starts reading again. */
  resume(): void {
    this.#socket.resume?.()
  }

  /**
   * Called for a message that the service ignores: some messages arrive after the server's close. Terminates the
   * connection of a client that continues to send, if the runtime can.
   */
  ignored(): void {
    if (performance.now() - this.#closing > CLOSE_TIMEOUT) this.#socket.terminate?.()
  }
}
