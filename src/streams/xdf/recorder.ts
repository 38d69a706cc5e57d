import type { StreamDescription } from '../description/mod.ts'
import { join, type Now, now as platformNow, StreamError } from '../shared/mod.ts'
import { RecordedStream } from './recorded-stream.ts'
import { xdfBoundary, xdfFileHeader } from './xdf-chunks.ts'
import type { XdfOrigin } from './xdf-header.ts'

/** Seconds between two boundary chunks, as in LabRecorder. After damage, a reader continues after the next boundary. */
const BOUNDARY_PERIOD = 10
/** Most streams of one recording, including streams that have ended. Their headers have some 600 MB. */
export const MAX_RECORDED_STREAMS = 1_048_576

/** Totals of a recording so far. */
export interface RecorderStats {
  /** Streams, including those that have ended. */
  streams: number
  /** Samples of all streams that the destination has accepted. */
  samples: number
  /** Bytes that the destination has accepted. */
  bytes: number
}

/**
 * Writes streams to an XDF 1.0 file as their samples arrive. Memory holds only what the destination has not yet
 * accepted. Each write contains whole chunks. Therefore, a reader can read a recording that was cut short up to the
 * cut.
 *
 * @example
 * ```ts
 * import { parseXdf, Recorder } from 'datastreams-webrtc/streams'
 *
 * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
 * const file = new Response(readable).bytes()
 * const recorder = new Recorder(writable)
 * const stream = await recorder.addStream({
 *   ...{ name: 'Pulse', type: 'PPG', nominalRate: 4, timeUnit: 's', format: 'int16', sourceId: '' },
 *   channels: [{ label: 'finger', unit: '', type: 'PPG' }],
 * })
 * await stream.write({ data: Int16Array.of(7, 9), timestamps: Float64Array.of(1, 1.25), first: 0 })
 * await recorder.close()
 * console.log([...parseXdf(await file).streams.values()][0]?.data) // Int16Array(2) [ 7, 9 ]
 * ```
 */
export class Recorder {
  /** Resolves when the recording is closed; rejects if it failed. */
  readonly closed: Promise<void>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #now: Now
  readonly #streams = new Set<RecordedStream>()
  readonly #stats: RecorderStats = { streams: 0, samples: 0, bytes: 0 }
  #failure: StreamError | undefined
  /** Chunks that the destination takes together after the current write, and the number of their samples. */
  #waiting: { chunks: Uint8Array[]; samples: number } = { chunks: [], samples: 0 }
  #writing: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined
  #begun = false
  #boundary: number
  #closing: Promise<void> | undefined

  /**
   * Creates a recording. It writes nothing before the first stream, or before `close`.
   *
   * @param destination such as a file's `createWritable()`; closed together with the recording
   * @param now the recorder's clock, in seconds; clock offsets convert to this clock
   */
  constructor(destination: WritableStream<Uint8Array>, now: Now = platformNow) {
    this.#writer = destination.getWriter()
    this.#now = now
    this.#boundary = now()
    this.closed = this.#writer.closed.catch((cause: unknown) => {
      throw this.#fail(cause)
    })
    // Every later write and `close` throw the same error. Handle the rejection here, so that it is never unhandled.
    this.closed.catch(() => {})
  }

  /**
   * Begins a stream. If a stream's description changes so that its header does not match, begin another one.
   *
   * @throws StreamError `recording-failed`, also if the recording already has 1,048,576 streams
   */
  async addStream(description: StreamDescription, origin: XdfOrigin = {}): Promise<RecordedStream> {
    if (this.#stats.streams >= MAX_RECORDED_STREAMS) throw failed(`it has ${MAX_RECORDED_STREAMS} streams`)
    const stream: RecordedStream = new RecordedStream(++this.#stats.streams, description, {
      send: (bytes, samples) => this.#send(bytes, samples),
      ended: () => this.#streams.delete(stream),
    })
    this.#streams.add(stream)
    await stream.begin(origin)
    return stream
  }

  /** Returns the totals so far, as a copy. */
  stats(): RecorderStats {
    return { ...this.#stats }
  }

  /**
   * Writes the footers and closes the destination.
   *
   * @throws StreamError `recording-failed`, also if the recording failed earlier
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#send(new Uint8Array())
    await Promise.all([...this.#streams].map((stream) => stream.end()))
    await this.#writer.close().catch((cause: unknown) => {
      throw this.#fail(cause)
    })
  }

  /** Resolves when the destination has accepted the bytes. */
  async #send(bytes: Uint8Array, samples = 0): Promise<void> {
    const { chunks } = this.#waiting
    if (!this.#begun) chunks.push(xdfFileHeader(new Date(this.#now() * 1000).toISOString()))
    this.#begun = true
    if (this.#now() - this.#boundary >= BOUNDARY_PERIOD) {
      this.#boundary = this.#now()
      chunks.push(xdfBoundary())
    }
    chunks.push(bytes)
    this.#waiting.samples += samples
    this.#next ??= this.#writing.then(() => this.#write())
    await this.#next
  }

  /** Writes what waits at once: with many streams, one write for each chunk would take too long. */
  #write(): Promise<void> {
    const { chunks, samples } = this.#waiting
    this.#waiting = { chunks: [], samples: 0 }
    this.#next = undefined
    const bytes = join(Uint8Array, chunks)
    this.#writing = this.#writer.write(bytes).then(
      () => {
        this.#stats.bytes += bytes.length
        this.#stats.samples += samples
      },
      (cause) => {
        throw this.#fail(cause)
      },
    )
    return this.#writing
  }

  #fail(cause: unknown): StreamError {
    this.#failure ??= failed((cause as Error | undefined)?.message ?? String(cause), cause)
    return this.#failure
  }
}

const failed = (why: string, cause?: unknown): StreamError =>
  new StreamError('recording-failed', `Cannot write the recording: ${why}`, { cause })
