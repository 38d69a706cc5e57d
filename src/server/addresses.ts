import { isLoopback, networkOf } from './client-address.ts'

/** Most connections from one address, by default: a school or a clinic behind one router. */
const DEFAULT_CONNECTIONS = 1_000

/** How many connections there are from each address. */
export class Addresses {
  readonly #limit: number | undefined
  readonly #connections = new Map<string, number>()

  /** @param limit most from one address; by default 1,000, and any number from this machine itself */
  constructor(limit: number | undefined) {
    this.#limit = limit
  }

  /** Addresses that have a connection. */
  get size(): number {
    return this.#connections.size
  }

  /** @returns whether there may be one more from there, which then counts */
  enter(address: string): boolean {
    const limit = this.#limit ?? (isLoopback(address) ? Number.POSITIVE_INFINITY : DEFAULT_CONNECTIONS)
    const network = networkOf(address)
    const connections = this.#connections.get(network) ?? 0
    if (connections >= limit) return false
    this.#connections.set(network, connections + 1)
    return true
  }

  leave(address: string): void {
    const network = networkOf(address)
    const connections = (this.#connections.get(network) ?? 0) - 1
    if (connections > 0) this.#connections.set(network, connections)
    else this.#connections.delete(network)
  }
}
