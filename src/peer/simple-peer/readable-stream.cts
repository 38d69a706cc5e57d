/**
 * Replaces the package `readable-stream` if an app's bundler builds simple-peer from its sources. The companion uses
 * only the events and received messages of a stream. So this stream cannot be written, piped or paused.
 *
 * @module
 */
declare const module: { exports: unknown }

type Listener = (...values: unknown[]) => void

interface Listening {
  listener: Listener
  once: boolean
}

class Duplex {
  /** Always 0, because messages are emitted at once. */
  readonly readableLength = 0
  /** simple-peer reads both states when it is destroyed: nothing is left to read or write. */
  readonly _readableState = { ended: true }
  readonly _writableState = { finished: true }
  readonly #listening = new Map<string, Listening[]>()

  on(event: string, listener: Listener): this {
    return this.#add(event, { listener, once: false })
  }

  once(event: string, listener: Listener): this {
    return this.#add(event, { listener, once: true })
  }

  removeListener(event: string, listener: Listener): this {
    return this.#keep(event, (known) => known.listener !== listener)
  }

  /** Throws an error that has no listener, as Node's emitters do. */
  emit(event: string, ...values: unknown[]): boolean {
    const listening = this.#of(event)
    if (event === 'error' && listening.length === 0) throw values[0]
    if (listening.some(({ once }) => once)) this.#keep(event, ({ once }) => !once)
    for (const { listener } of listening) listener(...values)
    return listening.length > 0
  }

  /** simple-peer calls this with each received message. */
  push(message: unknown): void {
    this.emit('data', message)
  }

  #of(event: string): Listening[] {
    return this.#listening.get(event) ?? []
  }

  #add(event: string, added: Listening): this {
    this.#listening.set(event, [...this.#of(event), added])
    return this
  }

  #keep(event: string, isKept: (listening: Listening) => boolean): this {
    this.#listening.set(event, this.#of(event).filter(isKept))
    return this
  }
}

module.exports = { Duplex }
