import { layouts, type NumericArray, type NumericFormat } from '../description/mod.ts'
import type { StreamError } from '../shared/mod.ts'
import { type ChunkLayout, type Samples, samplesPerChunk } from './chunk.ts'
import { type SampleBuffer, unfit } from './sample-buffer.ts'
import type { StampRun } from './stamps.ts'

/** Buffers samples of a numeric format. */
export class NumberBuffer implements SampleBuffer {
  count = 0
  readonly #format: NumericFormat
  readonly #channels: number
  /** Samples that fit in a chunk with their timestamps, and without. Evenly spaced timestamps need not be sent. */
  readonly #capacity: number
  readonly #evenCapacity: number
  readonly #stamps: Float64Array<ArrayBuffer>
  readonly #values: NumericArray

  constructor(layout: ChunkLayout & { format: NumericFormat }) {
    this.#format = layout.format
    this.#channels = layout.channels.length
    this.#capacity = samplesPerChunk(layout)
    this.#evenCapacity = samplesPerChunk(layout, false)
    this.#stamps = new Float64Array(this.#evenCapacity)
    this.#values = layouts[layout.format].make(this.#evenCapacity * this.#channels)
  }

  get isFull(): boolean {
    return this.count >= this.#capacity
  }

  add(values: ArrayLike<unknown>, at: number, stamp: number): StreamError | undefined {
    const channels = this.#channels
    const numbers = this.#values
    const { fits } = layouts[this.#format]
    for (let c = 0; c < channels; c++) if (!fits(values[at + c])) return unfit(values[at + c], this.#format)
    const start = this.count * channels
    for (let c = 0; c < channels; c++) {
      const value = values[at + c] as number | bigint
      if (numbers instanceof BigInt64Array) numbers[start + c] = BigInt(value)
      else numbers[start + c] = value as number
    }
    this.#stamps[this.count++] = stamp
    return undefined
  }

  /** Copies bytes, which also preserves the payload of a NaN. */
  addBlock(values: NumericArray, from: number, length: number, { at, period }: StampRun): number {
    // An Int32Array may hold values beyond 24 bits.
    if (this.#format === 'int24' || this.#values.constructor !== values.constructor) return 0
    const channels = this.#channels
    const room = period !== undefined && this.count === 0 ? this.#evenCapacity : this.#capacity - this.count
    const count = Math.min(length - from, room)
    const part = values.subarray(from * channels, (from + count) * channels)
    this.#values.set(part as never, this.count * channels)
    // Compute evenly spaced timestamps from the chunk's first, as its receiver does. Otherwise they could not be
    // omitted.
    const first = at(from)
    for (let i = 0; i < count; i++) {
      this.#stamps[this.count + i] = period === undefined || i === 0 ? at(from + i) : first + i * period
    }
    this.count += count
    return count
  }

  take(): Pick<Samples, 'data' | 'timestamps'> {
    const { count } = this
    this.count = 0
    return { data: this.#values.subarray(0, count * this.#channels), timestamps: this.#stamps.subarray(0, count) }
  }
}
