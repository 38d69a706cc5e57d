import type { Channel } from './channel.ts'

/** How often a channel that tells nothing is looked at while it has much to send, in ms: it drains in about 20. */
const PERIOD = 3

/**
 * The same channel, with the event `bufferedamountlow` where the platform has none: `@roamhq/wrtc` never had it
 * (node-webrtc issue 305), and a sender that waits for it would wait for ever.
 */
export const withLowEvent = (channel: Channel): Channel =>
  typeof channel.bufferedAmountLowThreshold === 'number' ? channel : new PolledChannel(channel)

class PolledChannel implements Channel {
  bufferedAmountLowThreshold = 0
  readonly #channel: Channel
  readonly #listeners: (() => void)[] = []
  #watching = false

  constructor(channel: Channel) {
    this.#channel = channel
  }

  get bufferedAmount(): number {
    return this.#channel.bufferedAmount
  }

  get readyState(): string {
    return this.#channel.readyState
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#channel.send(bytes)
    if (!this.#watching && this.bufferedAmount > this.bufferedAmountLowThreshold) this.#watch()
  }

  addEventListener(type: 'bufferedamountlow' | 'open', listener: () => void): void {
    if (type === 'bufferedamountlow') this.#listeners.push(listener)
    else this.#channel.addEventListener(type, listener)
  }

  /** Until it is low, or closed. */
  #watch(): void {
    this.#watching = true
    setTimeout(() => {
      this.#watching = false
      if (this.readyState !== 'open') return
      if (this.bufferedAmount > this.bufferedAmountLowThreshold) this.#watch()
      else for (const listener of this.#listeners) listener()
    }, PERIOD)
  }
}
