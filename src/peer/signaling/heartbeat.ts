import type { Timing } from '../shared/mod.ts'

export interface HeartbeatOptions {
  timing: Timing
  /** Asks the server for a sign of life, and tells it what has come. */
  ping(): void
  /** Nothing came for too long. */
  lost(): void
}

/** Finds out that a connection is dead which nobody has closed, as after a change of networks. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #heard: number
  /** When the server was asked, until something comes. */
  #asked: number | undefined
  #cancelLook: () => void
  #cancelTell: (() => void) | undefined

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#heard = options.timing.now()
    this.#cancelLook = options.timing.after(options.timing.silence, () => this.#look())
  }

  /** Something came. */
  heard(): void {
    this.#heard = this.#options.timing.now()
    this.#asked = undefined
  }

  /** Something came that the server keeps until it is told. */
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
