import { createSideChannel, type SimplePeerInstance } from './simple-peer.ts'

/** The number of the channel that clocks are compared on, on both sides. */
const CLOCK_CHANNEL = 101
/** A probe that would wait behind this many bytes of others is not sent: it would say nothing. */
const MAX_CLOCK_BYTES = 1_024

export interface ClockChannelHandlers {
  /** Probes can be sent from now on. */
  open(send: (bytes: Uint8Array<ArrayBuffer>) => void): void
  message(data: Uint8Array): void
  /** It takes no probe although it says that it is open: it is closing. */
  failed(): void
}

/** The channel of a link that clocks are compared on. */
export class ClockChannel {
  readonly #channel: RTCDataChannel
  readonly #handlers: ClockChannelHandlers

  /** @throws where the connection is closed already */
  constructor(peer: SimplePeerInstance, handlers: ClockChannelHandlers) {
    this.#channel = createSideChannel(peer, 'clock', CLOCK_CHANNEL, handlers.message)
    this.#handlers = handlers
    this.#channel.addEventListener('open', () => handlers.open((bytes) => this.#send(bytes)))
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    const { readyState, bufferedAmount } = this.#channel
    if (readyState !== 'open' || bufferedAmount >= MAX_CLOCK_BYTES) return
    try {
      this.#channel.send(bytes)
    } catch {
      this.#handlers.failed()
    }
  }
}
