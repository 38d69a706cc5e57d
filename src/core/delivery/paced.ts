import { Fifo } from '../../protocol/mod.ts'
import type { Clock, Counts, UserType } from '../shared/mod.ts'
import type { Delivery, DeliveryResult } from './delivery.ts'
import type { Outgoing } from './outgoing.ts'

/** A message and its recipient. */
export type Addressed = readonly [user: UserType, message: Outgoing]

/** Messages to many users that one turn of the event loop delivers. */
const SLICE = 64
/** Messages to one user before the next user has its turn: a newcomer has much to receive. */
const IN_A_ROW = 8
/** Most messages that wait for a later turn. Beyond it, messages are delivered at once. */
const MOST = 262_144

export interface PacedDeliveryOptions {
  delivery: Delivery
  clock: Clock
  counts: Pick<Counts, 'pending'>
}

/**
 * Delivers messages to many users in slices, so that one request in a large room does not stall the signals of others.
 * Each user receives its messages in order: while one waits, later ones wait behind it, except that a relay first
 * delivers what waits. Users take turns.
 */
export class PacedDelivery implements Delivery {
  readonly #options: PacedDeliveryOptions
  readonly #waiting = new Map<UserType, Fifo<Outgoing>>()
  #timer: unknown

  constructor(options: PacedDeliveryOptions) {
    this.#options = options
  }

  deliver(user: UserType, message: Outgoing, from?: UserType): DeliveryResult {
    const { delivery, counts } = this.#options
    if (counts.pending > 0 && this.#waiting.has(user)) {
      if (from === undefined && counts.pending < MOST) {
        this.#wait(user, message)
        return 'sent'
      }
      this.catchUp(user)
    }
    return delivery.deliver(user, message, from)
  }

  /** Delivers a slice at once, and the rest in later turns. */
  deliverAll(messages: readonly Addressed[]): void {
    const { counts } = this.#options
    for (const [i, [user, message]] of messages.entries()) {
      if (i < SLICE || counts.pending >= MOST) this.deliver(user, message)
      else this.#wait(user, message)
    }
  }

  /** Delivers what waits for a user. */
  catchUp(user: UserType): void {
    const messages = this.#waiting.get(user)
    if (messages === undefined) return
    this.forget(user)
    for (const message of messages) this.#options.delivery.deliver(user, message)
  }

  /** Drops what waits for a user that is removed. */
  forget(user: UserType): void {
    this.#options.counts.pending -= this.#waiting.get(user)?.length ?? 0
    this.#waiting.delete(user)
  }

  clear(): void {
    const { clock, counts } = this.#options
    this.#waiting.clear()
    counts.pending = 0
    clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #wait(user: UserType, message: Outgoing): void {
    const messages = this.#waiting.get(user) ?? new Fifo()
    messages.push(message)
    this.#waiting.set(user, messages)
    this.#options.counts.pending++
    this.#timer ??= this.#options.clock.setTimeout(() => this.#turn(), 0)
  }

  #turn(): void {
    const { delivery, clock, counts } = this.#options
    this.#timer = undefined
    let left = SLICE
    // A user for whom more waits goes to the end of the map, and so to the end of this loop.
    for (const [user, messages] of this.#waiting) {
      if (left === 0) break
      this.#waiting.delete(user)
      const row = Array.from({ length: Math.min(left, IN_A_ROW, messages.length) }, () => messages.shift() as Outgoing)
      left -= row.length
      counts.pending -= row.length
      if (messages.length > 0) this.#waiting.set(user, messages)
      for (const message of row) delivery.deliver(user, message)
    }
    if (this.#waiting.size > 0) this.#timer ??= clock.setTimeout(() => this.#turn(), 0)
  }
}
