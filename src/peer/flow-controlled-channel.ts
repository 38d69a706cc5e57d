import type { Terms } from './delivery.ts'
import { Scheduler } from './scheduler.ts'
import type { OutgoingChunk } from './stream-queue.ts'

/** What is used of an RTCDataChannel. */
export interface Channel {
  readonly bufferedAmount: number
  bufferedAmountLowThreshold: number
  readonly readyState: string
  send(bytes: Uint8Array<ArrayBuffer>): void
  addEventListener(type: 'bufferedamountlow' | 'open', listener: () => void): void
}

/**
 * Above the high mark the channel gets no more, as what is inside of it cannot be overtaken. It follows how fast the
 * channel drains: so many seconds' worth, which a heart beat behind bulk data then waits at most.
 */
const HIGH_MARK_SECONDS = 0.025
/** Two messages, or the channel runs dry while one is on its way. */
export const LEAST_HIGH_MARK = 32_768
/** Enough to keep 100 Mbit/s busy over a round trip of 20 ms, and far from the 16 MiB at which Chromium throws. */
export const MOST_HIGH_MARK = 262_144
/** Before anything is known: at 10 Mbit/s 50 ms, and doubled at once where the channel runs dry. */
export const FIRST_HIGH_MARK = 65_536
/** Shorter than this, in seconds, a measurement says more about the clock's steps than about the channel. */
const LEAST_MEASUREMENT = 0.005
/** Of each new measurement, in a running mean: slow enough for one late event not to count. */
const WEIGHT = 0.25

export interface FlowOptions {
  /** Seconds. */
  now(): number
  /** Some of what waited was sent. */
  drained(): void
}

/** A data channel that is fed as fast as it takes, from queues that take turns. */
export class FlowControlledChannel {
  readonly scheduler: Scheduler = new Scheduler()
  highMark: number = FIRST_HIGH_MARK
  readonly #channel: Channel
  readonly #options: FlowOptions
  #sent = 0
  /** Bytes a second. */
  #rate: number | undefined
  /** Since when the channel has been full without a pause, and what had left it by then. */
  #busy: { since: number; left: number } | undefined

  constructor(channel: Channel, options: FlowOptions) {
    this.#channel = channel
    this.#options = options
    this.#mark(FIRST_HIGH_MARK)
    channel.addEventListener('open', () => this.drain())
    channel.addEventListener('bufferedamountlow', () => {
      this.#measure()
      this.drain()
    })
  }

  /** Bytes that wait, those inside of the channel included. */
  get queuedBytes(): number {
    return this.scheduler.bytes + this.#channel.bufferedAmount
  }

  /** Sends ahead of all chunks. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.scheduler.pushFirst(bytes)
    this.drain()
  }

  /** @returns false where the chunk found no room and was dropped */
  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): boolean {
    const kept = this.scheduler.push(stream, chunk, terms, this.#options.now())
    this.drain()
    return kept
  }

  drain(): void {
    const channel = this.#channel
    const now = this.#options.now()
    let sent = 0
    while (channel.readyState === 'open' && channel.bufferedAmount < this.highMark) {
      const bytes = this.scheduler.take(now)
      if (bytes === undefined) break
      channel.send(bytes)
      sent += bytes.length
    }
    this.#sent += sent
    if (this.scheduler.isEmpty) this.#busy = undefined
    else this.#busy ??= { since: now, left: this.#sent - channel.bufferedAmount }
    if (sent > 0) this.#options.drained()
  }

  #measure(): void {
    const busy = this.#busy
    if (busy === undefined) return
    const { bufferedAmount } = this.#channel
    const now = this.#options.now()
    // A channel that ran dry would have taken more: its speed is not known, only that the mark is too low.
    if (bufferedAmount === 0) this.#mark(this.highMark * 2)
    else if (now - busy.since < LEAST_MEASUREMENT) return
    else {
      const rate = (this.#sent - bufferedAmount - busy.left) / (now - busy.since)
      this.#rate = this.#rate === undefined ? rate : this.#rate + WEIGHT * (rate - this.#rate)
      this.#mark(this.#rate * HIGH_MARK_SECONDS)
    }
    this.#busy = { since: now, left: this.#sent - bufferedAmount }
  }

  #mark(bytes: number): void {
    this.highMark = Math.round(Math.min(MOST_HIGH_MARK, Math.max(LEAST_HIGH_MARK, bytes)))
    // Half, so that the channel never runs dry while the event is on its way.
    this.#channel.bufferedAmountLowThreshold = this.highMark / 2
  }
}
