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

/** So many quick messages of one connection are handled in the turn of the event loop in which they arrive, at any cost. */
const AT_ONCE = 2
/**
 * How long one turn handles everything else, in milliseconds; at least one message. It is longer, a share of the turn, in
 * a turn with many quick messages.
 */
const LONGEST = 0.5
const SHARE = 1 / 4
/** A connection is not read while so many of its messages or bytes wait, if the runtime can stop reading. */
const PAUSED = 64
const PAUSED_BYTES = 262_144
/** Most messages and bytes of one connection that wait. Beyond them, its oldest messages are handled in any turn. */
const MOST = 10_000
const MOST_BYTES = 1_048_576
/** The same for the bytes of all connections together. */
const MOST_BYTES_OF_ALL = 16_777_216
/** What a message that waits takes beside its own bytes. */
const OVERHEAD = 200

export interface MessageTurnsOptions<Connection, Message> {
  nextTurn: NextTurn
  /** The time, in milliseconds. */
  now(): number
  /** `unhandled` is the bytes that wait, and 200 for each message. */
  counts: { unhandled: number }
  handle(connection: Connection, message: Message): void
  /** Whether a message takes so little time that it need not wait for messages of other connections. */
  isQuick(message: Message): boolean
  /** Stops reading from a connection. Further messages may still come. */
  pause(connection: Connection): void
  /** Starts reading again. */
  resume(connection: Connection): void
}

/** What waits for a connection. */
interface Line<Message> {
  messages: Fifo<Message>
  bytes: number
  isPaused: boolean
  /** Called when nothing waits anymore. The connection is over then. */
  onend?: () => void
}

/**
 * Lets connections take turns: a connection that sends much hardly delays the messages of others. A runtime hands over
 * all messages of a received chunk at once. Each connection's messages stay in order.
 *
 * What a handler does later, such as after it has awaited something, is not part of the turn.
 */
export class MessageTurns<Connection, Message extends { readonly length: number }> {
  readonly #options: MessageTurnsOptions<Connection, Message>
  readonly #next: () => void
  readonly #lines = new Map<Connection, Line<Message>>()
  /** How many quick messages of each connection this turn has handled. */
  readonly #handled = new Map<Connection, number>()
  /** When the first message of this turn came; undefined before. */
  #began: number | undefined
  /** How long this turn may still handle other messages, in milliseconds. */
  #left = LONGEST

  constructor(options: MessageTurnsOptions<Connection, Message>) {
    this.#options = options
    this.#next = scheduler(options.nextTurn, () => this.#turn())
  }

  /** Handles a message now or in a later turn. */
  take(connection: Connection, message: Message): void {
    this.#schedule()
    const known = this.#lines.get(connection)
    if (known === undefined && this.#handleNow(connection, message)) return
    const line = known ?? this.#newLine(connection)
    line.messages.push(message)
    this.#count(line, bytesOf(message))
    if (!line.isPaused && (line.messages.length >= PAUSED || line.bytes >= PAUSED_BYTES)) {
      line.isPaused = true
      this.#options.pause(connection)
    }
    while (line.messages.length > 0 && this.#isFull(line)) this.#handleNext(connection, line)
  }

  /** Ends a connection: calls back when nothing waits for it, now or in a later turn. */
  end(connection: Connection, onend: () => void): void {
    this.#schedule()
    const known = this.#lines.get(connection)
    const line = known ?? this.#newLine(connection)
    line.onend = onend
    if (known === undefined && this.#left > 0) this.#handleNext(connection, line)
  }

  /** Drops what waits for a connection. `handle` may call it. */
  forget(connection: Connection): void {
    const line = this.#lines.get(connection)
    if (line === undefined) return
    this.#count(line, -line.bytes)
    line.messages = new Fifo()
    this.#leave(connection, line)
  }

  #schedule(): void {
    this.#began ??= this.#options.now()
    this.#next()
  }

  #turn(): void {
    const lasted = this.#options.now() - (this.#began as number)
    this.#began = undefined
    this.#handled.clear()
    this.#left = Math.max(LONGEST, SHARE * lasted)
    if (this.#lines.size === 0) return
    this.#schedule()
    // A connection for which more waits goes to the end of the map, and so to the end of this loop.
    for (const [connection, line] of this.#lines) {
      if (this.#left <= 0) break
      this.#lines.delete(connection)
      this.#lines.set(connection, line)
      this.#handleNext(connection, line)
    }
  }

  /** Handles a message of a connection for which nothing waits, if this turn has time. @returns whether it has */
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
    if (this.#left <= 0) return false
    const start = this.#options.now()
    handle(connection, message)
    this.#left -= this.#options.now() - start
    return true
  }

  #handleNext(connection: Connection, line: Line<Message>): void {
    const start = this.#options.now()
    const message = line.messages.shift()
    if (message !== undefined) {
      this.#count(line, -bytesOf(message))
      this.#options.handle(connection, message)
    }
    if (line.messages.length === 0) this.#leave(connection, line)
    this.#left -= this.#options.now() - start
  }

  #newLine(connection: Connection): Line<Message> {
    const line: Line<Message> = { messages: new Fifo(), bytes: 0, isPaused: false }
    this.#lines.set(connection, line)
    return line
  }

  #leave(connection: Connection, line: Line<Message>): void {
    // `handle` may have called `forget`.
    if (this.#lines.get(connection) !== line) return
    this.#lines.delete(connection)
    if (line.isPaused) this.#options.resume(connection)
    line.onend?.()
  }

  #isFull({ messages, bytes }: Line<Message>): boolean {
    return messages.length > MOST || bytes > MOST_BYTES || this.#options.counts.unhandled > MOST_BYTES_OF_ALL
  }

  #count(line: Line<Message>, bytes: number): void {
    line.bytes += bytes
    this.#options.counts.unhandled += bytes
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
