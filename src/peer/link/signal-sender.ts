import type { RelayName } from '../../protocol/both-ends.ts'

/** Maximum number of buffered signals while the other peer's new id is unknown. */
const MAX_BUFFERED = 256

type Send = (name: RelayName, body: Record<string, unknown>) => void

/** Sends signals to the other peer. Buffers them while its new id is unknown. */
export class SignalSender {
  /** Signals beyond the limit of the buffer. */
  dropped = 0
  readonly #send: Send
  #buffer: Parameters<Send>[] | undefined

  constructor(send: Send) {
    this.#send = send
  }

  send(name: RelayName, body: Record<string, unknown>): void {
    if (this.#buffer === undefined) this.#send(name, body)
    else if (this.#buffer.length < MAX_BUFFERED) this.#buffer.push([name, body])
    else this.dropped++
  }

  pause(): void {
    this.#buffer ??= []
  }

  /** @param isCurrent whether the buffered signals still concern an open link; otherwise they are discarded */
  resume(isCurrent: boolean): void {
    const buffered = this.#buffer ?? []
    this.#buffer = undefined
    if (isCurrent) for (const [name, body] of buffered) this.#send(name, body)
  }
}
