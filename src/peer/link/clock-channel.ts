import { createSideChannel, type SimplePeerInstance } from './simple-peer.ts'

/** Id of the negotiated clock channel, the same on both sides. */
const CLOCK_CHANNEL = 101
/** Skip the probe if this many bytes are queued: queueing delay would spoil the measurement. */
const MAX_CLOCK_BYTES = 1_024

export interface ClockChannelHandlers {
  /** The channel is open: `send` works from now on. */
  open(send: (bytes: Uint8Array<ArrayBuffer>) => void): void
  message(data: Uint8Array): void
  /** `send` threw although the channel reports that it is open: it is closing. */
  failed(): void
}

/** The data channel of a link that carries clock probes. */
export class ClockChannel {
  readonly #channel: RTCDataChannel
  readonly #handlers: ClockChannelHandlers

  /** @throws if the RTCPeerConnection is already closed */
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
