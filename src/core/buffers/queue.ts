import { Fifo } from '../../protocol/mod.ts'
import type { Transport, UserType } from '../shared/mod.ts'
import { type Holder, type Ledger, type Place, Turn } from './holder.ts'

/** What `Buffers` counts for a queued message beside its bytes. Node takes about 900 bytes for one of 12. */
export const QUEUED_COST = 512

interface Queued {
  number: number
  length: number
  /** Where the message ends in the sequence of all bytes. */
  end: number
  /** The id of the user whose relay it is. */
  from: number | undefined
}

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
  readonly #messages = new Fifo<Queued>()
  /** Bytes of each sender's relays in the queue. */
  readonly #senders = new Map<number, number>()
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
   * @param from the id of the user whose relay it is
   */
  add(length: number, bytes: number, from?: number): void {
    this.#sent += length
    this.#messages.push({ number: this.#ledger.next(), length, end: this.#sent, from })
    if (from !== undefined) this.#senders.set(from, (this.#senders.get(from) ?? 0) + length)
    this.measure(bytes)
  }

  /** Returns the bytes of one user's relays that the connection still queues. */
  bytesFrom(user: number): number {
    if (this.#senders.has(user)) this.measure()
    return this.#senders.get(user) ?? 0
  }

  measure(bytes: number = this.ws.bufferedAmount ?? 0): void {
    const left = this.#sent - bytes
    while ((this.#messages.first?.end ?? Number.POSITIVE_INFINITY) <= left)
      this.#forget(this.#messages.shift() as Queued)
    this.#ledger.set(this, bytes + this.#messages.length * QUEUED_COST)
  }

  #forget({ from, length }: Queued): void {
    if (from === undefined) return
    const left = (this.#senders.get(from) as number) - length
    if (left > 0) this.#senders.set(from, left)
    else this.#senders.delete(from)
  }
}
