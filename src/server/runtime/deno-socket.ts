import { Fifo } from '../../protocol/mod.ts'
import type { Socket } from './port.ts'

/** Pause in a client's messages before a close, in milliseconds; the short one is for a client that hardly pauses. */
const QUIET = 50
const SHORT_QUIET = 2
/**
 * Wait after which the short pause is enough, and the longest wait before a close in which the client reads nothing, in
 * milliseconds.
 */
const HURRY = 500
const LONGEST_WAIT = 1_000

/** While Deno queues this many bytes, further messages wait here. */
const DENO_BYTES = 65_536
/** Shortest and longest pause before another look at Deno's queue, in milliseconds. */
const SHORT_PAUSE = 1
const LONG_PAUSE = 64

/**
 * A standard WebSocket with two differences:
 *
 * - Most of what a client does not read waits here, where `terminate` can drop it. Deno keeps its own queue until the
 *   client reads it or goes, also after `close`, and then no longer reports it.
 * - `close` waits for a pause in the client's messages, and a moment for what waits. Deno drops a connection if a
 *   message arrives after `close` and before the close frame has left. The client would then receive no reason.
 */
export class DenoSocket implements Socket {
  readonly #socket: WebSocket
  #waiting = new Fifo<string | Uint8Array<ArrayBuffer>>()
  #bytes = 0
  /** Upper bound of what Deno queues. Asking Deno for each message would cost more than this addition. */
  #most = 0
  /** What Deno queued at the close. */
  #left = 0
  #heard = Number.NEGATIVE_INFINITY

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', () => {
      this.#heard = performance.now()
    })
  }

  get bufferedAmount(): number {
    return this.#bytes + (this.#left || this.#socket.bufferedAmount)
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#waiting.length === 0 && this.#hasRoom()) {
      this.#pass(data)
      return
    }
    this.#waiting.push(data)
    this.#bytes += data.length
    if (this.#waiting.length === 1) this.#passLater(SHORT_PAUSE)
  }

  close(code?: number, reason?: string, since: number = performance.now(), before: number = this.#bytes): void {
    const now = performance.now()
    // A client that reads may take longer.
    const start = this.#bytes < before ? now : since
    const quiet = this.#heard + (now - start < HURRY ? QUIET : SHORT_QUIET) - now
    const wait = Math.max(quiet, this.#bytes > 0 ? SHORT_QUIET : 0)
    if (wait > 0 && now - start < LONGEST_WAIT) {
      const bytes = this.#bytes
      setTimeout(() => this.close(code, reason, start, bytes), wait)
      return
    }
    this.terminate()
    this.#left ||= this.#socket.bufferedAmount
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#waiting = new Fifo()
    this.#bytes = 0
  }

  #hasRoom(): boolean {
    if (this.#most >= DENO_BYTES) this.#most = this.#socket.bufferedAmount
    return this.#most < DENO_BYTES
  }

  #pass(data: string | Uint8Array<ArrayBuffer>): void {
    this.#most += data.length
    this.#socket.send(data)
  }

  /** Passes on what waits. Deno does not say when its queue is short again, so look after a pause. */
  #passLater(pause: number): void {
    setTimeout(() => {
      const { length } = this.#waiting
      while (this.#waiting.length > 0 && this.#hasRoom()) {
        const data = this.#waiting.shift() as string | Uint8Array<ArrayBuffer>
        this.#bytes -= data.length
        this.#pass(data)
      }
      if (this.#waiting.length === 0) return
      this.#passLater(this.#waiting.length < length ? SHORT_PAUSE : Math.min(2 * pause, LONG_PAUSE))
    }, pause)
  }
}
