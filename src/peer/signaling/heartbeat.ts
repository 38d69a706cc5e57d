import type { Timing } from '../shared/mod.ts'

export interface HeartbeatOptions {
  timing: Timing
  /** Sends a ping, which also acknowledges the received frames. */
  ping(): void
  /** No message arrived in time after a ping. */
  lost(): void
}

/** Detects a dead connection that neither side has closed, for example after a change of networks. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #receivedAt: number
  /** When the unanswered ping was sent, in milliseconds; undefined if none is pending. */
  #pingedAt: number | undefined
  #cancelCheck: () => void
  #cancelAcknowledgement: (() => void) | undefined

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#receivedAt = options.timing.now()
    this.#cancelCheck = options.timing.after(options.timing.silence, () => this.#check())
  }

  /** A message arrived, so the connection is alive. */
  received(): void {
    this.#receivedAt = this.#options.timing.now()
    this.#pingedAt = undefined
  }

  /** A frame arrived that the server buffers until the next ping acknowledges it. */
  acknowledgeSoon(): void {
    this.#cancelAcknowledgement ??= this.#options.timing.after(this.#options.timing.acknowledgement, () => {
      this.#cancelAcknowledgement = undefined
      this.#options.ping()
    })
  }

  stop(): void {
    this.#cancelCheck()
    this.#cancelAcknowledgement?.()
  }

  #check(): void {
    const { timing, ping, lost } = this.#options
    const now = timing.now()
    const left =
      this.#pingedAt === undefined ? this.#receivedAt + timing.silence - now : this.#pingedAt + timing.pong - now
    if (left > 0) this.#checkIn(left)
    else if (this.#pingedAt !== undefined) lost()
    else {
      this.#pingedAt = now
      this.#checkIn(timing.pong)
      ping()
    }
  }

  #checkIn(ms: number): void {
    this.#cancelCheck = this.#options.timing.after(ms, () => this.#check())
  }
}
