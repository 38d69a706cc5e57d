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
  #heard: number
  /** When the unanswered ping was sent, in milliseconds; undefined if none is pending. */
  #asked: number | undefined
  #cancelLook: () => void
  #cancelTell: (() => void) | undefined

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#heard = options.timing.now()
    this.#cancelLook = options.timing.after(options.timing.silence, () => this.#look())
  }

  /** A message arrived, so the connection is alive. */
  heard(): void {
    this.#heard = this.#options.timing.now()
    this.#asked = undefined
  }

  /** A frame arrived that the server buffers until the next ping acknowledges it. */
  untold(): void {
    this.#cancelTell ??= this.#options.timing.after(this.#options.timing.untold, () => {
      this.#cancelTell = undefined
      this.#options.ping()
    })
  }

  stop(): void {
    this.#cancelLook()
    this.#cancelTell?.()
  }

  #look(): void {
    const { timing, ping, lost } = this.#options
    const now = timing.now()
    const left = this.#asked === undefined ? this.#heard + timing.silence - now : this.#asked + timing.patience - now
    if (left > 0) this.#lookIn(left)
    else if (this.#asked !== undefined) lost()
    else {
      this.#asked = now
      this.#lookIn(timing.patience)
      ping()
    }
  }

  #lookIn(ms: number): void {
    this.#cancelLook = this.#options.timing.after(ms, () => this.#look())
  }
}
