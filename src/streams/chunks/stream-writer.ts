import {
  type Format,
  formatOf,
  layouts,
  type NumericArray,
  type NumericFormat,
  type StreamDescription,
} from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import { MAX_STRINGS_BYTES, type Samples, STRINGS_PER_CHUNK_BYTES, samplesPerChunk } from './chunk.ts'
import { type StampRun, stampsOf } from './stamps.ts'
import { STRING_OVERHEAD, utf8Length } from './strings.ts'

export interface StreamWriterOptions {
  description: StreamDescription
  /** Whether the first value decides the description's format. */
  infer: boolean
  /** Called with the samples of one chunk. Their arrays are valid during the call only. */
  emit(samples: Samples, description: StreamDescription): void
  /** Called when the description has changed, by the first value or by `StreamWriter.describe`. */
  describe(description: StreamDescription): void
  /** Called when the writer rejects samples. `samples` is their number. */
  refuse(error: StreamError, samples: number): void
}

/**
 * Collects a source's values into chunks. Values of one task leave together at its end. Thus, a replay at full speed
 * needs few messages, and a live source has no extra delay.
 */
export class StreamWriter {
  description: StreamDescription
  /** Number of samples so far, and the number of the next sample. */
  samples = 0
  readonly #options: StreamWriterOptions
  #infer: boolean
  #scheduled = false
  /** Samples that fit in a chunk with their timestamps, and without. Evenly spaced timestamps need not be sent. */
  #capacity = 0
  #evenCapacity = 0
  #count = 0
  #stamps: Float64Array<ArrayBuffer> = new Float64Array(0)
  #numbers: NumericArray | undefined
  #strings: string[] = []
  #stringBytes = 0

  constructor(options: StreamWriterOptions) {
    this.#options = options
    this.description = options.description
    this.#infer = options.infer
  }

  /**
   * Adds values, sample after sample. The writer skips holes and undefined, and their timestamps. A typed array among
   * plain values is a run of samples with one timestamp.
   *
   * @param timestamps in the description's unit: one for each sample, or one for all. The last timestamp replaces
   *   missing ones. Without timestamps, the last sample gets the current time, and the nominal rate places the others
   *   before it
   */
  add(values: ArrayLike<unknown>, timestamps?: ArrayLike<unknown> | number): void {
    const channels = this.description.channels.length
    if (values.length % channels !== 0) {
      const message = `Cannot accept ${values.length} values: they must be samples of ${channels} channels`
      this.#options.refuse(new StreamError('bad-value', message), Math.ceil(values.length / channels))
      return
    }
    const length = values.length / channels
    this.#addRun(values, length, stampsOf(timestamps, length, this.description))
  }

  /**
   * Changes the description from the next sample on.
   *
   * @param settled whether the format was chosen, so that no value may change it
   * @throws StreamError `bad-description` if samples were already written in another layout
   */
  describe(description: StreamDescription, settled: boolean): void {
    const { format, channels } = this.description
    const another = description.format !== format || description.channels.length !== channels.length
    if (another && this.samples > 0) {
      const message = `Cannot change ${channels.length} × ${format}: the stream has samples already`
      throw new StreamError('bad-description', message)
    }
    this.flush()
    this.description = description
    if (settled) this.#infer = false
    // The buffers may be allocated for the old layout.
    if (another) this.#reset()
    this.#options.describe(description)
  }

  /** Emits the collected samples. */
  flush(): void {
    const count = this.#count
    if (count === 0) return
    const first = this.samples - count
    const timestamps = this.#stamps.subarray(0, count)
    const data = this.#numbers?.subarray(0, count * this.description.channels.length) ?? this.#strings
    this.#count = 0
    this.#strings = []
    this.#stringBytes = 0
    this.#options.emit({ data, timestamps, first }, this.description)
  }

  #addRun(values: ArrayLike<unknown>, length: number, stamps: StampRun): void {
    const { channels } = this.description
    // The type of the typed array decides. The type of its values is less exact: those of a Float32Array are all
    // numbers.
    if (this.#infer && ArrayBuffer.isView(values)) this.#setFormat(formatOf(values))
    for (let i = 0; i < length; ) {
      const whole = this.#addBlock(values, i, length, stamps)
      if (whole > 0) {
        i += whole
        continue
      }
      const value = values[i * channels.length]
      const stamp = stamps.at(i++)
      if (channels.length > 1) this.#addSample(values, (i - 1) * channels.length, stamp)
      else if (isTypedArray(value)) this.#addRun(value, value.length, { at: () => stamp })
      else if (value !== undefined) this.#addSample(values, i - 1, stamp)
    }
  }

  /**
   * Copies as many samples as fit, if their values need no check: a typed array of the stream's own format. Copying
   * bytes also preserves the payload of a NaN.
   *
   * @returns the number of samples added
   */
  #addBlock(values: ArrayLike<unknown>, from: number, length: number, { at, period }: StampRun): number {
    const { format, channels } = this.description
    if (format === 'string' || format === 'int24' || !isTypedArray(values)) return 0
    if (this.#capacity === 0) this.#allocate()
    if (this.#numbers?.constructor !== values.constructor) return 0
    const room = period !== undefined && this.#count === 0 ? this.#evenCapacity : this.#capacity - this.#count
    const count = Math.min(length - from, room)
    const part = values.subarray(from * channels.length, (from + count) * channels.length)
    this.#numbers.set(part as never, this.#count * channels.length)
    // Compute evenly spaced timestamps from the chunk's first, as its receiver does. Otherwise they could not be
    // omitted.
    const first = at(from)
    for (let i = 0; i < count; i++) {
      this.#stamps[this.#count + i] = period === undefined || i === 0 ? at(from + i) : first + i * period
    }
    this.#took(count)
    return count
  }

  #addSample(values: ArrayLike<unknown>, at: number, stamp: number): void {
    const { channels } = this.description
    if (this.#infer) this.#setFormat(formatOf(values[at]))
    const error = this.#store(values, at, channels.length)
    if (error !== undefined) {
      this.#options.refuse(error, 1)
      return
    }
    this.#stamps[this.#count] = stamp
    this.#took(1)
  }

  #took(count: number): void {
    this.#count += count
    this.samples += count
    if (this.#count >= this.#capacity || this.#stringBytes >= STRINGS_PER_CHUNK_BYTES) this.flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      queueMicrotask(() => {
        this.#scheduled = false
        this.flush()
      })
    }
  }

  #store(values: ArrayLike<unknown>, at: number, channels: number): StreamError | undefined {
    if (this.#capacity === 0) this.#allocate()
    const { format } = this.description
    const numbers = this.#numbers
    if (format === 'string' || numbers === undefined) return this.#storeStrings(values, at, channels)
    const { fits } = layouts[format]
    for (let c = 0; c < channels; c++) if (!fits(values[at + c])) return unfit(values[at + c], format)
    const start = this.#count * channels
    for (let c = 0; c < channels; c++) {
      const value = values[at + c] as number | bigint
      if (numbers instanceof BigInt64Array) numbers[start + c] = BigInt(value)
      else numbers[start + c] = value as number
    }
    return undefined
  }

  #storeStrings(values: ArrayLike<unknown>, at: number, channels: number): StreamError | undefined {
    const row = Array.from({ length: channels }, (_, c) => values[at + c])
    let bytes = 8
    for (const value of row) {
      // Half a surrogate pair has no UTF-8 form. It would arrive as another character.
      if (typeof value !== 'string' || !value.isWellFormed()) return unfit(value, 'string')
      bytes += utf8Length(value) + STRING_OVERHEAD
    }
    if (bytes > MAX_STRINGS_BYTES) {
      const message = `Cannot accept a sample of ${bytes} bytes: the limit is ${MAX_STRINGS_BYTES}`
      return new StreamError('bad-value', message)
    }
    if (this.#stringBytes + bytes > STRINGS_PER_CHUNK_BYTES) this.flush()
    this.#strings.push(...(row as string[]))
    this.#stringBytes += bytes
    return undefined
  }

  /** A value that fits no format leaves the format open. */
  #setFormat(format: Format | undefined): void {
    if (format === undefined) return
    this.#infer = false
    if (format === this.description.format) return
    this.description = { ...this.description, format }
    // No value is stored before the format is known, but the buffers may be allocated for another format.
    this.#reset()
    this.#options.describe(this.description)
  }

  #reset(): void {
    this.#capacity = 0
    this.#numbers = undefined
  }

  #allocate(): void {
    const { format, channels } = this.description
    this.#capacity = samplesPerChunk(this.description)
    this.#evenCapacity = samplesPerChunk(this.description, false)
    this.#stamps = new Float64Array(this.#evenCapacity)
    if (format !== 'string') this.#numbers = layouts[format].make(this.#evenCapacity * channels.length)
  }
}

const isTypedArray = (value: unknown): value is NumericArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

function unfit(value: unknown, format: NumericFormat | 'string'): StreamError {
  const shown = typeof value === 'object' && value !== null ? 'an object' : `the ${typeof value} ${String(value)}`
  return new StreamError('bad-value', `Cannot accept a value: it must be a ${format}: it is ${shown.slice(0, 64)}`)
}
