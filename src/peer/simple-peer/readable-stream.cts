/**
 * In the place of readable-stream where an app's bundler builds simple-peer from its sources. Of a stream's abilities
 * the companion uses events and messages that come, so there are no others: nothing can be written, piped or paused.
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
  /** Messages are heard at once: none waits. */
  readonly readableLength = 0
  /** What simple-peer looks at when it ends: nothing is left to be read or written. */
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

  /** An error that nobody listens for is thrown, as Node's emitters do. */
  emit(event: string, ...values: unknown[]): boolean {
    const listening = this.#of(event)
    if (event === 'error' && listening.length === 0) throw values[0]
    if (listening.some(({ once }) => once)) this.#keep(event, ({ once }) => !once)
    for (const { listener } of listening) listener(...values)
    return listening.length > 0
  }

  /** A message has come. */
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
