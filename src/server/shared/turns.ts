import { Fifo } from '../../protocol/mod.ts'

/** Calls back in the next turn of the event loop, after whatever has arrived until then. */
export type NextTurn = (callback: () => void) => void

/** Returns a function that lets `turn` run in the next turn of the event loop: once, however often it is called. */
function scheduler(nextTurn: NextTurn, turn: () => void): () => void {
  let isScheduled = false
  const run = (): void => {
    isScheduled = false
    turn()
  }
  return () => {
    if (isScheduled) return
    isScheduled = true
    nextTurn(run)
  }
}

/** Quick messages of one connection that are handled in the turn of the event loop in which they arrive. */
const AT_ONCE = 2
/** How long one turn handles other messages, and messages that wait, in milliseconds; at least one of them. */
const LONGEST = 0.5
/** A connection that so many messages wait for is not read until none waits, if the runtime can stop reading. */
const PAUSED = 64
/** Most messages of one connection that wait. Its further messages are handled in the turn in which they arrive. */
const MOST = 10_000
/** Most bytes of all connections that wait, and what a message takes beside its own bytes. */
const MOST_BYTES = 16_777_216
const OVERHEAD = 200

export interface MessageTurnsOptions<Connection, Message> {
  nextTurn: NextTurn
  handle(connection: Connection, message: Message): void
  /** Whether a message takes so little time that it need not wait for messages of other connections. */
  isQuick(message: Message): boolean
  /** Stop and start reading from a connection. A runtime that cannot do it goes on reading. */
  pause(connection: Connection): void
  resume(connection: Connection): void
}

/** What waits for a connection. */
interface Line<Message> {
  readonly messages: Fifo<Message>
  isPaused: boolean
  /** Called when nothing waits anymore. The connection is over then. */
  onend?: () => void
}

/**
 * Lets connections take turns: a connection that sends much, or what takes long, delays only its own messages. A runtime
 * hands over all messages of a received chunk at once. Each connection's messages stay in order.
 */
export class MessageTurns<Connection, Message extends { readonly length: number }> {
  readonly #options: MessageTurnsOptions<Connection, Message>
  readonly #schedule: () => void
  readonly #lines = new Map<Connection, Line<Message>>()
  /** How many quick messages of each connection this turn has handled. */
  readonly #handled = new Map<Connection, number>()
  /** How long this turn has handled other messages, in milliseconds. */
  #spent = 0
  #bytes = 0

  constructor(options: MessageTurnsOptions<Connection, Message>) {
    this.#options = options
    this.#schedule = scheduler(options.nextTurn, () => this.#turn())
  }

  /** Handles a message now or in a later turn. */
  take(connection: Connection, message: Message): void {
    this.#schedule()
    const known = this.#lines.get(connection)
    if (known === undefined && this.#handleNow(connection, message)) return
    const line = known ?? this.#newLine(connection)
    line.messages.push(message)
    this.#bytes += bytesOf(message)
    if (!line.isPaused && line.messages.length >= PAUSED) {
      line.isPaused = true
      this.#options.pause(connection)
    }
    if (line.messages.length > MOST || this.#bytes > MOST_BYTES) this.#next(connection, line)
  }

  /** Ends a connection: calls back when nothing waits for it, now or in a later turn. */
  end(connection: Connection, onend: () => void): void {
    this.#schedule()
    const known = this.#lines.get(connection)
    const line = known ?? this.#newLine(connection)
    line.onend = onend
    if (known === undefined && this.#spent < LONGEST) this.#next(connection, line)
  }

  /** Drops what waits for a connection. */
  forget(connection: Connection): void {
    const line = this.#lines.get(connection)
    if (line === undefined) return
    for (let message = line.messages.shift(); message !== undefined; message = line.messages.shift()) {
      this.#bytes -= bytesOf(message)
    }
    this.#leave(connection, line)
  }

  #turn(): void {
    this.#handled.clear()
    this.#spent = 0
    if (this.#lines.size === 0) return
    this.#schedule()
    // A connection for which more waits goes to the end of the map, and so to the end of this loop.
    for (const [connection, line] of this.#lines) {
      if (this.#spent >= LONGEST) break
      this.#lines.delete(connection)
      this.#lines.set(connection, line)
      this.#next(connection, line)
    }
  }

  /** Handles a message of a connection for which nothing waits, if there is time in this turn. @returns whether it did */
  #handleNow(connection: Connection, message: Message): boolean {
    const { handle, isQuick } = this.#options
    if (isQuick(message)) {
      const handled = this.#handled.get(connection) ?? 0
      if (handled < AT_ONCE) {
        this.#handled.set(connection, handled + 1)
        handle(connection, message)
        return true
      }
    }
    if (this.#spent >= LONGEST) return false
    const start = performance.now()
    handle(connection, message)
    this.#spent += performance.now() - start
    return true
  }

  #newLine(connection: Connection): Line<Message> {
    const line: Line<Message> = { messages: new Fifo(), isPaused: false }
    this.#lines.set(connection, line)
    return line
  }

  #next(connection: Connection, line: Line<Message>): void {
    const start = performance.now()
    const message = line.messages.shift()
    if (message !== undefined) {
      this.#bytes -= bytesOf(message)
      this.#options.handle(connection, message)
    }
    if (line.messages.length === 0) this.#leave(connection, line)
    this.#spent += performance.now() - start
  }

  #leave(connection: Connection, line: Line<Message>): void {
    // The message just handled may have made the service forget the rest.
    if (this.#lines.get(connection) !== line) return
    this.#lines.delete(connection)
    if (line.isPaused) this.#options.resume(connection)
    line.onend?.()
  }
}

const bytesOf = (message: { readonly length: number }): number => message.length + OVERHEAD

/** Requests that one turn of the event loop begins to answer. */
const REQUESTS = 4

/** Lets HTTP requests take turns with the messages of WebSockets. */
export class RequestTurns {
  readonly #schedule: () => void
  readonly #waiting = new Fifo<() => void>()
  #left = REQUESTS

  constructor(nextTurn: NextTurn) {
    this.#schedule = scheduler(nextTurn, () => this.#turn())
  }

  /** @returns a promise of the turn; undefined if it is now */
  enter(): Promise<void> | undefined {
    this.#schedule()
    if (this.#left === 0) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#left--
    return undefined
  }

  #turn(): void {
    this.#left = REQUESTS
    for (; this.#left > 0 && this.#waiting.length > 0; this.#left--) this.#waiting.shift()?.()
    if (this.#left < REQUESTS) this.#schedule()
  }
}
