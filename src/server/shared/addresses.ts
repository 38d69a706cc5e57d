import { setNewest } from '../../protocol/mod.ts'
import { isLoopback, networkOf } from './client-address.ts'

/** Default limit of connections from one address: enough for a school or a clinic behind one router. */
const DEFAULT_CONNECTIONS = 1_000

/** How long the server blocks an address after a flood, in milliseconds, and how many such addresses it remembers. */
const SHUT = 10_000
const MOST_SHUT = 10_000

/** Counts the connections from each address. */
export class Addresses {
  readonly #limit: number | undefined
  /** When the block of an address ends, on the clock of `performance.now()`. */
  readonly #shut = new Map<string, number>()
  readonly #connections = new Map<string, number>()

  /** @param limit maximum for one address; by default 1,000, and no limit for this machine itself */
  constructor(limit: number | undefined) {
    this.#limit = limit
  }

  /** Number of addresses with a connection. */
  get size(): number {
    return this.#connections.size
  }

  /** Counts one more connection, if the address may have it. @returns whether it may */
  enter(address: string): boolean {
    const limit = this.#limit ?? (this.isOwn(address) ? Number.POSITIVE_INFINITY : DEFAULT_CONNECTIONS)
    const network = networkOf(address)
    if ((this.#shut.get(network) ?? 0) > performance.now()) return false
    this.#shut.delete(network)
    const connections = this.#connections.get(network) ?? 0
    if (connections >= limit) return false
    this.#connections.set(network, connections + 1)
    return true
  }

  /** Blocks an address for a while, so that a client that the server removed for a flood cannot start another. */
  shut(address: string): void {
    if (this.isOwn(address)) return
    setNewest(this.#shut, networkOf(address), performance.now() + SHUT, MOST_SHUT)
  }

  leave(address: string): void {
    const network = networkOf(address)
    const connections = (this.#connections.get(network) ?? 0) - 1
    if (connections > 0) this.#connections.set(network, connections)
    else this.#connections.delete(network)
  }

  /**
   * Whether an address has no default limit. A connection from this machine is its operator's, or that of an
   * untrusted proxy, which stands for everybody.
   */
  isOwn(address: string): boolean {
    return this.#limit === undefined && isLoopback(address)
  }
}
