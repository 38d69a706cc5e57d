export interface KeptLinkOptions {
  /** Sends this side's fingerprint to the other peer. */
  send(): void
  /** The peers kept different links, or the other peer does not answer. */
  differ(): void
  /** Calls `callback` after `seconds`. The returned function cancels the call. */
  after(seconds: number, callback: () => void): () => void
}

/**
 * Checks after a fresh start that both peers kept the same link. Each sends the fingerprint of its certificate through
 * the server, the initiator first. The server vouches for the sender, and the fingerprint proves that the link is the
 * same.
 */
export class KeptLink {
  readonly #options: KeptLinkOptions
  #initiator = false
  /** Defined while the other peer's fingerprint is expected. */
  #cancel: (() => void) | undefined

  constructor(options: KeptLinkOptions) {
    this.#options = options
  }

  /** @param timeout seconds to wait for the other peer's fingerprint */
  check(initiator: boolean, timeout: number): void {
    this.stop()
    this.#initiator = initiator
    this.#cancel = this.#options.after(timeout, () => this.#options.differ())
    if (initiator) this.#options.send()
  }

  /**
   * Compares the fingerprint that the other peer sent with the one that the link proved.
   *
   * @returns false if no fingerprint was expected
   */
  receive(sent: unknown, proved: string | undefined): boolean {
    if (this.#cancel === undefined) return false
    this.stop()
    if (sent !== proved) this.#options.differ()
    else if (!this.#initiator) this.#options.send()
    return true
  }

  /** Expects no fingerprint any more. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
