import { type Timing, waitBefore } from '../shared/mod.ts'

/**
 * Decides when the next attempt to reconnect starts: after exponential backoff, or at once when the browser is online
 * again.
 */
export class ReconnectTimer {
  readonly #timing: Timing
  readonly #attempt: () => void
  /** Attempts since the last stable connection. */
  #attempts = 0
  /** When the current connection opened, in milliseconds. */
  #connectedAt: number | undefined
  /** No attempt starts earlier than this, in milliseconds. */
  #pausedUntil = Number.NEGATIVE_INFINITY
  /** Defined while the timer runs. */
  #cancel: (() => void) | undefined
  readonly #online = () => this.#hurry()

  constructor(timing: Timing, attempt: () => void) {
    this.#timing = timing
    this.#attempt = attempt
  }

  /** Only pages and Workers emit `online`. */
  listen(): void {
    globalThis.addEventListener?.('online', this.#online)
  }

  connected(): void {
    this.#connectedAt = this.#timing.now()
  }

  /** Schedules the next attempt. @returns its number from 1, and the seconds until it starts */
  start(): { attempt: number; delay: number } {
    const { now, after, stable } = this.#timing
    if (this.#connectedAt !== undefined && now() - this.#connectedAt >= stable) this.#attempts = 0
    this.#connectedAt = undefined
    this.#cancel?.()
    const wait = Math.max(waitBefore(this.#attempts++, this.#timing), this.#pausedUntil - now())
    this.#cancel = after(wait, () => this.#fire())
    return { attempt: this.#attempts, delay: wait / 1000 }
  }

  /** @param seconds how long no attempt starts */
  pause(seconds: number): void {
    this.#pausedUntil = this.#timing.now() + seconds * 1000
  }

  stop(): void {
    this.#cancel?.()
    globalThis.removeEventListener?.('online', this.#online)
  }

  #fire(): void {
    this.#cancel = undefined
    this.#attempt()
  }

  #hurry(): void {
    if (this.#cancel === undefined || this.#timing.now() < this.#pausedUntil) return
    this.#cancel()
    this.#fire()
  }
}
