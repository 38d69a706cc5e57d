import { StreamError } from '../shared/mod.ts'
import { type ChunkLayout, MAX_STRINGS_BYTES, type Samples, STRINGS_PER_CHUNK_BYTES, samplesPerChunk } from './chunk.ts'
import { type SampleBuffer, unfit } from './sample-buffer.ts'
import { STRING_OVERHEAD, utf8Length } from './strings.ts'

/** Bytes of a sample's timestamp. */
const STAMP_BYTES = 8

/** Buffers samples of strings. */
export class StringBuffer implements SampleBuffer {
  readonly #channels: number
  readonly #capacity: number
  readonly #flush: () => void
  #stamps: number[] = []
  #strings: string[] = []
  #bytes = 0

  /** @param flush empties the buffer, because the next sample does not fit */
  constructor(layout: ChunkLayout, flush: () => void) {
    this.#channels = layout.channels.length
    this.#capacity = samplesPerChunk(layout)
    this.#flush = flush
  }

  get count(): number {
    return this.#stamps.length
  }

  get isFull(): boolean {
    return this.count >= this.#capacity || this.#bytes >= STRINGS_PER_CHUNK_BYTES
  }

  add(values: ArrayLike<unknown>, at: number, stamp: number): StreamError | undefined {
    const row = Array.from({ length: this.#channels }, (_, c) => values[at + c])
    let bytes = STAMP_BYTES
    for (const value of row) {
      // Half a surrogate pair has no UTF-8 form. It would arrive as another character.
      if (typeof value !== 'string' || !value.isWellFormed()) return unfit(value, 'string')
      bytes += utf8Length(value) + STRING_OVERHEAD
    }
    if (bytes > MAX_STRINGS_BYTES) {
      const message = `Cannot accept a sample of ${bytes} bytes: the limit is ${MAX_STRINGS_BYTES}`
      return new StreamError('bad-value', message)
    }
    if (this.#bytes + bytes > STRINGS_PER_CHUNK_BYTES) this.#flush()
    this.#strings.push(...(row as string[]))
    this.#stamps.push(stamp)
    this.#bytes += bytes
    return undefined
  }

  /** Adds nothing: a typed array has no strings. */
  addBlock(): number {
    return 0
  }

  take(): Pick<Samples, 'data' | 'timestamps'> {
    const taken = { data: this.#strings, timestamps: Float64Array.from(this.#stamps) }
    this.#strings = []
    this.#stamps = []
    this.#bytes = 0
    return taken
  }
}
