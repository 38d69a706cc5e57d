import { Fifo } from './fifo.ts'

/** After so many frames, or so many bytes, the other end is told that they came. */
const TOLD_FRAMES = 64
const TOLD_BYTES = 65_536

/**
 * What one end of a session has sent and the other may not have: kept until the other says that it came, and sent once
 * more over the next connection. The same at both ends, which count alike; pings and pongs are not counted.
 */
export class Replay {
  readonly #limit: number
  readonly #kept = new Fifo<Uint8Array<ArrayBuffer>>()
  #bytes = 0
  #sent = 0
  #acknowledged = 0
  #received = 0
  #untold = { frames: 0, bytes: 0 }

  /** @param limit bytes that are kept; past it the oldest frames go, and a connection that needs them is a fresh start */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** Frames received from the other end, in all. */
  get received(): number {
    return this.#received
  }

  /** Whether all that the other end may lack is kept. */
  get complete(): boolean {
    return this.#first <= this.#acknowledged
  }

  /** Takes a frame that is sent for the first time. Nobody may write into it any more. */
  keep(frame: Uint8Array<ArrayBuffer>): void {
    this.#kept.push(frame)
    this.#sent++
    this.#bytes += frame.length
    while (this.#bytes > this.#limit) this.#drop()
  }

  /**
   * Lets go of what the other end has.
   *
   * @param received how many frames it says it has received, in all
   * @returns false where it cannot have that many
   */
  acknowledge(received: number): boolean {
    if (received > this.#sent) return false
    this.#acknowledged = Math.max(this.#acknowledged, received)
    while (this.#first < received) this.#drop()
    return true
  }

  /** The frames that an end which has received so many still lacks, in order; undefined where some are gone. */
  missing(received: number): Uint8Array<ArrayBuffer>[] | undefined {
    if (received < this.#first || received > this.#sent) return undefined
    return [...this.#kept].slice(received - this.#first)
  }

  /**
   * Counts a frame from the other end.
   *
   * @returns whether the other end should be told by now, with `received`, how many came
   */
  count(bytes: number): boolean {
    this.#received++
    this.#untold.frames++
    this.#untold.bytes += bytes
    return this.#untold.frames >= TOLD_FRAMES || this.#untold.bytes >= TOLD_BYTES
  }

  /** Whether frames came that the other end was not told of. */
  get untold(): boolean {
    return this.#untold.frames > 0
  }

  /** The other end is being told how many came. */
  tell(): number {
    this.#untold = { frames: 0, bytes: 0 }
    return this.#received
  }

  /** The number of the oldest frame that is kept, counted from 0. */
  get #first(): number {
    return this.#sent - this.#kept.length
  }

  #drop(): void {
    this.#bytes -= (this.#kept.shift() as Uint8Array).length
  }
}
