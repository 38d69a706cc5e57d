import { Fifo, Replay } from '../../protocol/mod.ts'
import type { Transport, UserType } from '../shared/mod.ts'
import { type Holder, type Ledger, type Place, Turn } from './holder.ts'

/**
 * What `Buffers` counts for a kept frame beside its bytes. Its array and buffer take 400 bytes or more, but the
 * receivers of an announcement share them.
 */
export const KEPT_COST = 128

/** What a replay buffer needs to know about its session. */
export interface Owner {
  readonly user: UserType
  /** Whether the session waits for its client. */
  readonly away: boolean
}

/** The replay buffer of a session, as `Buffers` counts it. */
export class CountedReplay extends Replay implements Holder {
  readonly kind = 'kept'
  held = 0
  place: Place | undefined
  readonly #owner: Owner
  readonly #ledger: Ledger
  /** The numbers of the kept frames. */
  readonly #numbers = new Fifo<number>()

  constructor(limit: number, owner: Owner, ledger: Ledger) {
    super(limit)
    this.#owner = owner
    this.#ledger = ledger
  }

  get user(): UserType {
    return this.#owner.user
  }

  get ws(): Transport {
    return this.#owner.user.ws
  }

  get turn(): Turn {
    return this.#owner.away ? Turn.waiting : Turn.connected
  }

  get oldest(): number {
    return this.#numbers.first ?? Number.POSITIVE_INFINITY
  }

  override keep(frame: Uint8Array<ArrayBuffer>): void {
    super.keep(frame)
    this.#numbers.push(this.#ledger.next())
    this.#count()
  }

  override acknowledge(received: number): boolean {
    const possible = super.acknowledge(received)
    this.#count()
    return possible
  }

  #count(): void {
    while (this.#numbers.length > this.length) this.#numbers.shift()
    this.#ledger.set(this, this.bytes + this.length * KEPT_COST)
  }
}
