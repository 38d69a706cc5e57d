import { isLoopback, networkOf } from './client-address.ts'

/** Most connections from one address, by default: a school or a clinic behind one router. */
const DEFAULT_CONNECTIONS = 1_000

/** How long nobody is let in from where a flood came, in milliseconds, and how many such places are remembered. */
const SHUT = 10_000
const MOST_SHUT = 10_000

/** How many connections there are from each address. */
export class Addresses {
  readonly #limit: number | undefined
  /** Until when, as `performance.now()` has it. */
  readonly #shut = new Map<string, number>()
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
    const limit = this.#limit ?? (this.#isOwn(address) ? Number.POSITIVE_INFINITY : DEFAULT_CONNECTIONS)
    const network = networkOf(address)
    if ((this.#shut.get(network) ?? 0) > performance.now()) return false
    this.#shut.delete(network)
    const connections = this.#connections.get(network) ?? 0
    if (connections >= limit) return false
    this.#connections.set(network, connections + 1)
    return true
  }

  /** Nobody is let in from there for a while: who was thrown out for a flood must not begin it anew. */
  shut(address: string): void {
    if (this.#isOwn(address)) return
    const network = networkOf(address)
    this.#shut.delete(network)
    this.#shut.set(network, performance.now() + SHUT)
    const [oldest] = this.#shut.keys()
    if (this.#shut.size > MOST_SHUT) this.#shut.delete(oldest as string)
  }

  leave(address: string): void {
    const network = networkOf(address)
    const connections = (this.#connections.get(network) ?? 0) - 1
    if (connections > 0) this.#connections.set(network, connections)
    else this.#connections.delete(network)
  }

  /** Who connects from this machine is its operator, or a proxy that is not trusted and stands for everybody. */
  #isOwn(address: string): boolean {
    return this.#limit === undefined && isLoopback(address)
  }
}
