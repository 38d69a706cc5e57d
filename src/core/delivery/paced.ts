import { Fifo } from '../../protocol/mod.ts'
import type { Clock, Counts, UserType } from '../shared/mod.ts'
import type { Delivery, DeliveryResult } from './delivery.ts'
import type { Outgoing } from './outgoing.ts'

/** A message and its recipient. */
export type Addressed = readonly [user: UserType, message: Outgoing]

/** Messages to many users that one turn of the event loop delivers. */
const SLICE = 64
/** So few messages of one request are delivered at once in any turn. */
const FEW = 16
/** Messages to one user before the next user has its turn: a newcomer has much to receive. */
const IN_A_ROW = 8
/** When so many messages wait for a later turn, requests that send many are refused: a lecture of 500 still enters at once. */
const MANY = 262_144
/** Most messages that wait. Beyond it, messages that no request can be refused for are delivered at once. */
const MOST = 2 * MANY
/** Shortest time between two slices, in milliseconds. */
const TURN = 1

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
  /** What is left of the slice of this turn. All requests of a turn share it. */
  #left = SLICE
  #timer: unknown

  constructor(options: PacedDeliveryOptions) {
    this.#options = options
  }

  /** After how many milliseconds requests may send many messages again. 0 if they may now. */
  get backlog(): number {
    const { pending } = this.#options.counts
    return pending < MANY ? 0 : Math.ceil(((pending - MANY / 2) / SLICE) * TURN)
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

  /** Delivers what is left of the slice of this turn at once, and the rest in later turns. */
  deliverAll(messages: readonly Addressed[]): void {
    const { counts } = this.#options
    const isFew = messages.length <= FEW
    for (const [user, message] of messages) {
      if (isFew || counts.pending >= MOST) this.deliver(user, message)
      else if (this.#left === 0) this.#wait(user, message)
      else {
        this.#left--
        this.deliver(user, message)
      }
    }
    if (this.#left < SLICE) this.#schedule()
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
    this.#left = SLICE
    counts.pending = 0
    clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #wait(user: UserType, message: Outgoing): void {
    const messages = this.#waiting.get(user) ?? new Fifo()
    messages.push(message)
    this.#waiting.set(user, messages)
    this.#options.counts.pending++
    this.#schedule()
  }

  #schedule(): void {
    this.#timer ??= this.#options.clock.setTimeout(() => this.#turn(), TURN)
  }

  #turn(): void {
    const { delivery, counts } = this.#options
    this.#timer = undefined
    this.#left = SLICE
    // A user for whom more waits goes to the end of the map, and so to the end of this loop.
    for (const [user, messages] of this.#waiting) {
      if (this.#left === 0) break
      this.#waiting.delete(user)
      const length = Math.min(this.#left, IN_A_ROW, messages.length)
      const row = Array.from({ length }, () => messages.shift() as Outgoing)
      this.#left -= length
      counts.pending -= length
      if (messages.length > 0) this.#waiting.set(user, messages)
      for (const message of row) delivery.deliver(user, message)
    }
    if (this.#left < SLICE) this.#schedule()
  }
}
