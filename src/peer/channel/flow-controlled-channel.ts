import type { Terms } from '../wire/mod.ts'
import { withBufferedAmountLow } from './buffered-amount-low.ts'
import type { Channel } from './channel.ts'
import { Scheduler } from './scheduler.ts'
import type { OutgoingChunk } from './stream-queue.ts'

/**
 * The channel buffers bytes only up to the high mark, because nothing can overtake bytes inside it. The high mark is
 * what the channel drains in this many seconds. A heart beat waits behind bulk data for at most this time.
 */
const HIGH_MARK_SECONDS = 0.02
/** Two messages. With less, the channel runs dry while one message is in transit. */
export const LEAST_HIGH_MARK = 32_768
/**
 * Half of the high mark leaves at once. It must fit in the receiver's socket buffer, or it waits for retransmission.
 * Linux's 208 KiB hold about half as much. With twice this a heart beat took over 300 ms, and bulk data were no faster.
 */
export const MOST_HIGH_MARK = 131_072
/** Before the first measurement: 50 ms at 10 Mbit/s. */
export const FIRST_HIGH_MARK = 65_536
/** Minimum seconds of one measurement. Channels drain in bursts, and a shorter one would follow each burst. */
const MEASUREMENT = 0.05
/** Growth after the channel ran dry, because its speed is then unknown. Late events also make it run dry. */
const GROWTH = 1.25

export interface FlowOptions {
  /** @returns the time in seconds */
  now(): number
  /** Some queued bytes were sent. */
  drained(): void
  /** Called once, if `send` threw although the channel reports that it is open: it is closing. */
  failed(): void
}

/** Sends through a data channel as fast as it drains, from queues that take turns. */
export class FlowControlledChannel {
  readonly scheduler: Scheduler = new Scheduler()
  highMark: number = FIRST_HIGH_MARK
  readonly #channel: Channel
  readonly #options: FlowOptions
  #sent = 0
  #closed = false
  /** Since when data were always queued, how many bytes had left the channel by then, and if it ran dry since. */
  #busy: { since: number; left: number; dry: boolean } | undefined

  constructor(channel: Channel, options: FlowOptions) {
    this.#channel = withBufferedAmountLow(channel)
    this.#options = options
    this.#mark(FIRST_HIGH_MARK)
    this.#channel.addEventListener('open', () => this.drain())
    this.#channel.addEventListener('bufferedamountlow', () => {
      this.#measure()
      this.drain()
    })
  }

  /** Queued bytes, including those inside the channel. */
  get queuedBytes(): number {
    return this.scheduler.bytes + this.#channel.bufferedAmount
  }

  /** Sends ahead of all chunks. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.scheduler.pushFirst(bytes)
    this.drain()
  }

  /** @returns false if the queue was full and dropped the chunk */
  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): boolean {
    const kept = this.scheduler.push(stream, chunk, terms, this.#options.now())
    this.drain()
    return kept
  }

  /** Sends nothing more. The queues still show what was not sent. The caller closes the data channel itself. */
  close(): void {
    this.#closed = true
    this.#busy = undefined
  }

  drain(): void {
    if (this.#closed) return
    const channel = this.#channel
    const now = this.#options.now()
    let sent = 0
    while (!this.#closed && channel.readyState === 'open' && channel.bufferedAmount < this.highMark) {
      const bytes = this.scheduler.take(now)
      if (bytes === undefined || !this.#trySend(bytes)) break
      sent += bytes.length
    }
    this.#sent += sent
    if (this.scheduler.isEmpty || this.#closed) this.#busy = undefined
    else this.#busy ??= { since: now, left: this.#sent - channel.bufferedAmount, dry: false }
    if (sent > 0) this.#options.drained()
  }

  /** Unsent bytes are lost with the channel. Streams resume by sample number on the next link. */
  #trySend(bytes: Uint8Array<ArrayBuffer>): boolean {
    try {
      this.#channel.send(bytes)
    } catch {
      this.close()
      this.#options.failed()
    }
    return !this.#closed
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
    // A channel that ran dry could have sent more than it did.
    this.#mark(busy.dry ? Math.max(measured, this.highMark) * GROWTH : (measured + this.highMark) / 2)
    this.#busy = { since: now, left, dry: false }
  }

  #mark(bytes: number): void {
    this.highMark = Math.round(Math.min(MOST_HIGH_MARK, Math.max(LEAST_HIGH_MARK, bytes)))
    // Half, so that the event arrives before the channel runs dry.
    this.#channel.bufferedAmountLowThreshold = this.highMark / 2
  }
}
