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

/** Messages of one connection that one turn of the event loop handles. */
const AT_ONCE = 2
/** Most messages of one connection that wait. Its further messages are handled in the turn in which they arrive. */
const MOST = 10_000

/**
 * Lets connections take turns: a connection that sends much delays only its own messages. For a runtime that hands over
 * all messages of a received chunk at once. Each connection's messages stay in order.
 */
export class MessageTurns<Connection, Message> {
  readonly #schedule: () => void
  readonly #handle: (connection: Connection, message: Message) => void
  readonly #waiting = new Map<Connection, Fifo<Message>>()
  /** How many messages of each connection this turn has handled. */
  readonly #handled = new Map<Connection, number>()

  constructor(nextTurn: NextTurn, handle: (connection: Connection, message: Message) => void) {
    this.#schedule = scheduler(nextTurn, () => this.#turn())
    this.#handle = handle
  }

  /** Handles a message now or in a later turn. */
  take(connection: Connection, message: Message): void {
    this.#schedule()
    let waiting = this.#waiting.get(connection)
    if (waiting === undefined) {
      const handled = this.#handled.get(connection) ?? 0
      this.#handled.set(connection, handled + 1)
      if (handled < AT_ONCE) {
        this.#handle(connection, message)
        return
      }
      waiting = new Fifo()
      this.#waiting.set(connection, waiting)
    }
    waiting.push(message)
    if (waiting.length > MOST) this.#handle(connection, waiting.shift() as Message)
  }

  /** Handles what waits for a connection that is over. */
  finish(connection: Connection): void {
    const waiting = this.#waiting.get(connection)
    this.#waiting.delete(connection)
    this.#handled.delete(connection)
    if (waiting !== undefined) for (const message of waiting) this.#handle(connection, message)
  }

  #turn(): void {
    this.#handled.clear()
    if (this.#waiting.size === 0) return
    this.#schedule()
    for (const [connection, waiting] of this.#waiting) {
      for (let i = 0; i < AT_ONCE && waiting.length > 0; i++) this.#handle(connection, waiting.shift() as Message)
      this.#handled.set(connection, AT_ONCE)
      if (waiting.length === 0) this.#waiting.delete(connection)
    }
  }
}

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
