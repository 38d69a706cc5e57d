import type { Terms } from '../wire/mod.ts'
import { withLowEvent } from './buffered-amount-low.ts'
import type { Channel } from './channel.ts'
import { Scheduler } from './scheduler.ts'
import type { OutgoingChunk } from './stream-queue.ts'

/**
 * Above the high mark the channel gets no more, as what is inside of it cannot be overtaken. It follows how fast the
 * channel drains: so many seconds' worth, which a heart beat behind bulk data then waits at most.
 */
const HIGH_MARK_SECONDS = 0.02
/** Two messages, or the channel runs dry while one is on its way. */
export const LEAST_HIGH_MARK = 32_768
/**
 * Half of it leaves at once, and must fit in the receiver's socket, whose 208 KiB on Linux hold about half as much: what
 * overflows is waited for. With twice this a heart beat took over 300 ms, and bulk data were no faster.
 */
export const MOST_HIGH_MARK = 131_072
/** Before anything is known: at 10 Mbit/s 50 ms. */
export const FIRST_HIGH_MARK = 65_536
/** Time of one measurement, in seconds: channels drain in bursts, and shorter ones would follow each. */
const MEASUREMENT = 0.05
/** What a channel that ran dry gets more of, as its speed is then unknown. Late events make it run dry, too. */
const GROWTH = 1.25

export interface FlowOptions {
  /** Seconds. */
  now(): number
  /** Some of what waited was sent. */
  drained(): void
  /** The channel takes no message although it says that it is open: it is closing. Called once. */
  failed(): void
}

/** A data channel that is fed as fast as it takes, from queues that take turns. */
export class FlowControlledChannel {
  readonly scheduler: Scheduler = new Scheduler()
  highMark: number = FIRST_HIGH_MARK
  readonly #channel: Channel
  readonly #options: FlowOptions
  #sent = 0
  #failed = false
  /** Since when the channel has had enough to send, what had left it by then, and whether it ran dry since. */
  #busy: { since: number; left: number; dry: boolean } | undefined

  constructor(channel: Channel, options: FlowOptions) {
    this.#channel = withLowEvent(channel)
    this.#options = options
    this.#mark(FIRST_HIGH_MARK)
    this.#channel.addEventListener('open', () => this.drain())
    this.#channel.addEventListener('bufferedamountlow', () => {
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
    while (!this.#failed && channel.readyState === 'open' && channel.bufferedAmount < this.highMark) {
      const bytes = this.scheduler.take(now)
      if (bytes === undefined || !this.#trySend(bytes)) break
      sent += bytes.length
    }
    this.#sent += sent
    if (this.scheduler.isEmpty) this.#busy = undefined
    else this.#busy ??= { since: now, left: this.#sent - channel.bufferedAmount, dry: false }
    if (sent > 0) this.#options.drained()
  }

  /** What is not sent is lost with the channel, and resumed by number on the next link. */
  #trySend(bytes: Uint8Array<ArrayBuffer>): boolean {
    try {
      this.#channel.send(bytes)
    } catch {
      this.#failed = true
      this.#options.failed()
    }
    return !this.#failed
  }

  #measure(): void {
    const busy = this.#busy
    if (busy === undefined) return
    const { bufferedAmount } = this.#channel
    const now = this.#options.now()
    busy.dry ||= bufferedAmount === 0
    if (now - busy.since < MEASUREMENT) return
    const left = this.#sent - bufferedAmount
    const measured = ((left - busy.left) / (now - busy.since)) * HIGH_MARK_SECONDS
    // Of a channel that ran dry only this much is known: that it would have taken more.
    this.#mark(busy.dry ? Math.max(measured, this.highMark) * GROWTH : (measured + this.highMark) / 2)
    this.#busy = { since: now, left, dry: false }
  }

  #mark(bytes: number): void {
    this.highMark = Math.round(Math.min(MOST_HIGH_MARK, Math.max(LEAST_HIGH_MARK, bytes)))
    // Half, so that the channel never runs dry while the event is on its way.
    this.#channel.bufferedAmountLowThreshold = this.highMark / 2
  }
}
