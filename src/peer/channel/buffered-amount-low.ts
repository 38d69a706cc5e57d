import type { Channel } from './channel.ts'

/** Polling interval in ms while much is buffered. A channel drains in about 20 ms. */
const PERIOD = 3

/**
 * Adds the event `bufferedamountlow` if the platform lacks it. `@roamhq/wrtc` never emits it (node-webrtc issue 305).
 * A sender would wait for it for ever.
 */
export const withBufferedAmountLow = (channel: Channel): Channel =>
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

  /** Polls until the buffered amount is low or the channel is closed. */
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
