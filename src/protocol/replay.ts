import { Fifo } from './fifo.ts'

/** An end acknowledges after this many received frames, or this many received bytes. */
const TOLD_FRAMES = 64
const TOLD_BYTES = 65_536

/**
 * The replay buffer of one end of a session. It keeps sent frames until the other end acknowledges them, and resends
 * them over the next connection. Both ends use this class and count alike; neither counts pings and pongs.
 */
export class Replay {
  readonly #limit: number
  readonly #kept = new Fifo<Uint8Array<ArrayBuffer>>()
  #bytes = 0
  #sent = 0
  #acknowledged = 0
  #received = 0
  #untold = { frames: 0, bytes: 0 }

  /**
   * Creates an empty buffer, whose counts start at 0.
   *
   * @param limit most buffered bytes. Above it, the oldest frames are dropped, and a client that needs them cannot
   *   resume.
   */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Buffered bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Buffered frames. */
  get length(): number {
    return this.#kept.length
  }

  /** Total frames received from the other end. */
  get received(): number {
    return this.#received
  }

  /** Whether the buffer has every frame that the other end has not acknowledged. */
  get complete(): boolean {
    return this.#first <= this.#acknowledged
  }

  /** Buffers a frame when it is first sent. The caller must not modify the frame afterwards. */
  keep(frame: Uint8Array<ArrayBuffer>): void {
    this.#kept.push(frame)
    this.#sent++
    this.#bytes += frame.length
    while (this.#bytes > this.#limit) this.#drop()
  }

  /**
   * Drops the frames that the other end has received.
   *
   * @param received how many frames the other end says it has received in total
   * @returns false if that is more than were sent
   */
  acknowledge(received: number): boolean {
    if (received > this.#sent) return false
    this.#acknowledged = Math.max(this.#acknowledged, received)
    while (this.#first < received) this.#drop()
    return true
  }

  /**
   * Returns the frames that the other end lacks, in order; undefined if some were dropped or `received` is impossible.
   *
   * @param received how many frames the other end has received in total
   */
  missing(received: number): Uint8Array<ArrayBuffer>[] | undefined {
    if (received < this.#first || received > this.#sent) return undefined
    return [...this.#kept].slice(received - this.#first)
  }

  /**
   * Counts a frame from the other end.
   *
   * @returns whether this end should now acknowledge the frames that it has received
   */
  count(bytes: number): boolean {
    this.#received++
    this.#untold.frames++
    this.#untold.bytes += bytes
    return this.#untold.frames >= TOLD_FRAMES || this.#untold.bytes >= TOLD_BYTES
  }

  /** Whether some received frames are not acknowledged yet. */
  get untold(): boolean {
    return this.#untold.frames > 0
  }

  /** Marks all received frames as acknowledged. The caller sends the returned total to the other end. */
  tell(): number {
    this.#untold = { frames: 0, bytes: 0 }
    return this.#received
  }

  /** The number of the oldest buffered frame, counted from 0. */
  get #first(): number {
    return this.#sent - this.#kept.length
  }

  #drop(): void {
    this.#bytes -= (this.#kept.shift() as Uint8Array).length
  }
}
