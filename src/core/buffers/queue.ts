import { Fifo } from '../../protocol/mod.ts'
import type { Transport, UserType } from '../shared/mod.ts'
import { type Holder, type Ledger, type Place, Turn } from './holder.ts'

/** What `Buffers` counts for a queued message beside its bytes. Node takes about 900 bytes for one of 12. */
export const QUEUED_COST = 512

/**
 * The messages that a connection has accepted and not sent. The transport says only how many bytes these are. So the
 * queue remembers where each message ends in the sequence of all bytes.
 */
export class Queue implements Holder {
  readonly kind = 'queued'
  readonly ws: Transport
  held = 0
  place: Place | undefined
  readonly #users: ReadonlyMap<number, UserType>
  readonly #ledger: Ledger
  readonly #messages = new Fifo<{ number: number; end: number }>()
  #sent = 0

  constructor(ws: Transport, users: ReadonlyMap<number, UserType>, ledger: Ledger) {
    this.ws = ws
    this.#users = users
    this.#ledger = ledger
  }

  get user(): UserType | undefined {
    const user = this.#users.get(this.ws.id as number)
    return user?.ws === this.ws ? user : undefined
  }

  get turn(): Turn {
    return this.user === undefined ? Turn.closed : Turn.connected
  }

  get oldest(): number {
    return this.#messages.first?.number ?? Number.POSITIVE_INFINITY
  }

  /**
   * Adds a message that `send` has accepted.
   *
   * @param bytes what the connection queues now
   */
  add(length: number, bytes: number): void {
    this.#sent += length
    this.#messages.push({ number: this.#ledger.next(), end: this.#sent })
    this.measure(bytes)
  }

  measure(bytes: number = this.ws.bufferedAmount ?? 0): void {
    const left = this.#sent - bytes
    while ((this.#messages.first?.end ?? Number.POSITIVE_INFINITY) <= left) this.#messages.shift()
    this.#ledger.set(this, bytes + this.#messages.length * QUEUED_COST)
  }
}
