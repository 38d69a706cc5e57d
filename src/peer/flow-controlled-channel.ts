/** What is used of an RTCDataChannel. */
export interface Channel {
  readonly bufferedAmount: number
  bufferedAmountLowThreshold: number
  readonly readyState: string
  send(bytes: Uint8Array<ArrayBuffer>): void
  addEventListener(type: 'bufferedamountlow', listener: () => void): void
}

/**
 * Above this many bytes the channel gets no more: enough to keep 100 Mbit/s busy over a round trip of 20 ms, and far
 * from the 16 MiB at which Chromium throws.
 */
export const HIGH_MARK = 262_144
/** At this many bytes it gets more: half, so that it never runs dry while the event is on its way. */
export const LOW_MARK = 131_072
/** Most bytes that wait here. Past them the newest chunk is dropped, as receivers count a gap by its sample numbers. */
export const MAX_QUEUED_BYTES = 67_108_864

/** A data channel that is fed as fast as it takes, with a bounded queue in front of it. */
export class FlowControlledChannel {
  /** Chunks that found no room. */
  dropped = 0
  readonly #channel: Channel
  readonly #limit: number
  #queue: Uint8Array<ArrayBuffer>[] = []
  #head = 0
  #queuedBytes = 0

  constructor(channel: Channel, limit: number = MAX_QUEUED_BYTES) {
    this.#channel = channel
    this.#limit = limit
    channel.bufferedAmountLowThreshold = LOW_MARK
    channel.addEventListener('bufferedamountlow', () => this.#drain())
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Sends what a receiver cannot do without; it is never dropped. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
    this.#drain()
  }

  /** @returns false where the chunk found no room and was dropped */
  sendChunk(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#queuedBytes + bytes.length > this.#limit) {
      this.dropped++
      return false
    }
    this.send(bytes)
    return true
  }

  #drain(): void {
    const channel = this.#channel
    while (this.#head < this.#queue.length && channel.readyState === 'open' && channel.bufferedAmount < HIGH_MARK) {
      const bytes = this.#queue[this.#head++] as Uint8Array<ArrayBuffer>
      this.#queuedBytes -= bytes.length
      channel.send(bytes)
    }
    // Moving the rest down now and then keeps both ends cheap, and lets go of what is sent.
    if (this.#head > 1024 || this.#head === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }
}
