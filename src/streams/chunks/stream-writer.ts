import { type Format, formatOf, isTypedArray, type StreamDescription } from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import type { Samples } from './chunk.ts'
import { NumberBuffer } from './number-buffer.ts'
import type { SampleBuffer } from './sample-buffer.ts'
import { type StampRun, stampsOf } from './stamps.ts'
import { StringBuffer } from './string-buffer.ts'

/** What a writer needs: a description to start with, and functions that take its results. */
export interface StreamWriterOptions {
  /** The stream's description until the first value or `StreamWriter.describe` changes it. */
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
  /** The current description. It is another object after each change. */
  description: StreamDescription
  /** Number of samples so far, and the number of the next sample. */
  samples = 0
  readonly #options: StreamWriterOptions
  #infer: boolean
  #scheduled = false
  /** The samples of the next chunk; undefined until a value comes. */
  #buffer: SampleBuffer | undefined

  /** Creates a writer whose stream has no samples yet. */
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
    if (another) this.#buffer = undefined
    this.#options.describe(description)
  }

  /** Emits the collected samples. */
  flush(): void {
    const count = this.#buffer?.count ?? 0
    if (this.#buffer === undefined || count === 0) return
    this.#options.emit({ ...this.#buffer.take(), first: this.samples - count }, this.description)
  }

  #addRun(values: ArrayLike<unknown>, length: number, stamps: StampRun): void {
    const { channels } = this.description
    // The type of the typed array decides. The type of its values is less exact: those of a Float32Array are all
    // numbers.
    if (this.#infer && ArrayBuffer.isView(values)) this.#setFormat(formatOf(values))
    for (let i = 0; i < length; ) {
      const block = isTypedArray(values) ? this.#currentBuffer().addBlock(values, i, length, stamps) : 0
      if (block > 0) {
        this.#added(block)
        i += block
        continue
      }
      const value = values[i * channels.length]
      const stamp = stamps.at(i++)
      if (channels.length > 1) this.#addSample(values, (i - 1) * channels.length, stamp)
      else if (isTypedArray(value)) this.#addRun(value, value.length, { at: () => stamp })
      else if (value !== undefined) this.#addSample(values, i - 1, stamp)
    }
  }

  #addSample(values: ArrayLike<unknown>, at: number, stamp: number): void {
    if (this.#infer) this.#setFormat(formatOf(values[at]))
    const error = this.#currentBuffer().add(values, at, stamp)
    if (error === undefined) this.#added(1)
    else this.#options.refuse(error, 1)
  }

  #added(count: number): void {
    this.samples += count
    if (this.#buffer?.isFull) this.flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      queueMicrotask(() => {
        this.#scheduled = false
        this.flush()
      })
    }
  }

  /** A value that fits no format leaves the format open. */
  #setFormat(format: Format | undefined): void {
    if (format === undefined) return
    this.#infer = false
    if (format === this.description.format) return
    this.description = { ...this.description, format }
    // It is empty: no value is stored before the format is known.
    this.#buffer = undefined
    this.#options.describe(this.description)
  }

  #currentBuffer(): SampleBuffer {
    const { format } = this.description
    this.#buffer ??=
      format === 'string'
        ? new StringBuffer(this.description, () => this.flush())
        : new NumberBuffer({ ...this.description, format })
    return this.#buffer
  }
}
