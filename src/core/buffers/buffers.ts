import { type Counts, count, type Transport, type UserType } from '../shared/mod.ts'
import { type Cause, type Holder, type Ledger, type Place, type Sum, Turn } from './holder.ts'
import { Queue } from './queue.ts'

/** The part of the limit that one address, or one `sub`, may hold. */
const SHARE = 1 / 4
/** The part of a limit that is free again after it was exceeded. Otherwise each further message would cost a search. */
const RESERVE = 1 / 16

export interface BuffersOptions {
  /** Most bytes that all connections and sessions may hold together. */
  bytes: number
  users: ReadonlyMap<number, UserType>
  counts: Pick<Counts, 'queued' | 'kept' | 'ended' | 'limited' | 'resumed'>
  /** Called for a user that must go. `waits` says that it has no connection. */
  onover(user: UserType, waits: boolean): void
}

/**
 * Bounds what all users hold together: messages that connections queue, and frames that sessions keep. A message costs
 * a few additions. Only if a sum seems to exceed its limit, it reads what the connections still queue.
 *
 * If the sum does exceed its limit, holders go in the order of `Turn`, and of two in the same turn the one with the older
 * message. A holder with less than half an equal part of the limit stays, because to end it would free little. All of
 * these together hold less than half of the limit.
 */
export class Buffers implements Ledger {
  readonly #options: BuffersOptions
  readonly #server: Sum
  readonly #addresses = new Map<string, Sum>()
  readonly #subs = new Map<string, Sum>()
  readonly #queues = new Map<Transport, Queue>()
  /** Sums that may exceed their limits. */
  readonly #exceeded = new Set<Sum>()
  #number = 0

  constructor(options: BuffersOptions) {
    this.#options = options
    this.#server = newSum('server', options.bytes)
  }

  /**
   * Counts a message that a connection has accepted, unless the connection has sent everything.
   *
   * @param from the id of the user whose relay it is
   */
  sent(ws: Transport, length: number, from?: number): void {
    const bytes = ws.bufferedAmount ?? 0
    if (bytes === 0) return
    let queue = this.#queues.get(ws)
    if (queue === undefined) {
      queue = new Queue(ws, this.#options.users, this)
      this.#queues.set(ws, queue)
    }
    queue.add(length, bytes, from)
  }

  /** Returns how many bytes of one user's relays a connection queues. */
  queuedFrom(ws: Transport, from: number): number {
    return this.#queues.get(ws)?.bytesFrom(from) ?? 0
  }

  /** Forgets a connection that is over. */
  closed(ws: Transport): void {
    const queue = this.#queues.get(ws)
    if (queue === undefined) return
    this.#queues.delete(ws)
    this.release(queue)
  }

  /** Counts what each connection queues now. */
  measure(): void {
    for (const queue of this.#queues.values()) queue.measure()
  }

  next(): number {
    return ++this.#number
  }

  set(holder: Holder, held: number): void {
    const { sums } = this.#placeOf(holder)
    const more = held - holder.held
    holder.held = held
    const { counts } = this.#options
    if (holder.kind === 'kept') counts.kept += more
    else counts.queued += more
    for (const sum of sums) {
      sum.held += more
      if (sum.held > sum.limit) this.#exceed(sum)
    }
  }

  /** Counts a holder no longer. */
  release(holder: Holder): void {
    this.#leave(holder)
    this.#options.counts[holder.kind] -= holder.held
    holder.held = 0
  }

  /** Returns where a holder counts. Its user may have resumed from another address, or shown a token. */
  #placeOf(holder: Holder): Place {
    const { place, user } = holder
    const { ws } = holder
    const address = ws.isShared ? undefined : ws.address
    const sub = user?.identity?.auth || undefined
    // What a removed user has left in its connection stays where it was.
    if (place !== undefined && (user === undefined || (place.address === address && place.sub === sub))) return place
    this.#leave(holder)
    const sums = [this.#server]
    if (address !== undefined) sums.push(this.#share(this.#addresses, address, 'address'))
    if (sub !== undefined) sums.push(this.#share(this.#subs, sub, 'sub'))
    for (const sum of sums) {
      sum.holders.add(holder)
      sum.held += holder.held
    }
    holder.place = { address, sub, sums }
    return holder.place
  }

  #share(shares: Map<string, Sum>, name: string, cause: Cause): Sum {
    const share = shares.get(name) ?? newSum(cause, this.#options.bytes * SHARE)
    shares.set(name, share)
    return share
  }

  #leave(holder: Holder): void {
    if (holder.place === undefined) return
    const { address, sub, sums } = holder.place
    holder.place = undefined
    for (const sum of sums) {
      sum.holders.delete(holder)
      sum.held -= holder.held
      if (sum.holders.size > 0) continue
      if (sum.cause === 'address') this.#addresses.delete(address as string)
      else if (sum.cause === 'sub') this.#subs.delete(sub as string)
    }
  }

  /** Relieves a sum after the current message has reached its other receivers. */
  #exceed(sum: Sum): void {
    if (this.#exceeded.size === 0) queueMicrotask(() => this.#settle())
    this.#exceeded.add(sum)
  }

  #settle(): void {
    while (this.#exceeded.size > 0) {
      // Relieve the server last: to relieve the others may be enough.
      const [first, second = first] = this.#exceeded as Iterable<Sum> as [Sum, Sum?]
      const sum = first === this.#server ? second : first
      this.#exceeded.delete(sum)
      this.#relieve(sum)
    }
  }

  #relieve(sum: Sum): void {
    const { limit, cause } = sum
    const enough = limit * (1 - RESERVE)
    while (sum.held > enough) {
      for (const holder of sum.holders) holder.measure?.()
      const holders = [...sum.holders].filter(({ held }) => held > 0)
      const least = enough / 2 / holders.length
      const over = holders.filter(({ held }) => held > least).sort((a, b) => a.turn - b.turn || a.oldest - b.oldest)
      for (const holder of over) if (sum.held > enough && holder.held > 0) this.#end(holder, cause)
    }
  }

  #end(holder: Holder, cause: Cause): void {
    const { counts, onover } = this.#options
    const { ws, user } = holder
    const waits = holder.turn === Turn.waiting
    counts.ended[cause][waits ? 'sessions' : 'connections']++
    if (waits) counts.resumed.overflowed++
    count(counts.limited, 'bufferedBytes')
    if (user !== undefined) onover(user, waits)
    // Only this frees the queue at once: the close frame waits behind it.
    if (this.#queues.get(ws)?.held) ws.terminate?.()
    this.closed(ws)
    this.release(holder)
  }
}

const newSum = (cause: Cause, limit: number): Sum => ({ cause, limit, holders: new Set(), held: 0 })
