import type { StreamDescription } from '../description/mod.ts'
import { type Now, now as platformNow, StreamError } from '../shared/mod.ts'
import { RecordedStream } from './recorded-stream.ts'
import { xdfBoundary, xdfFileHeader } from './xdf-chunks.ts'
import type { XdfOrigin } from './xdf-header.ts'

/** Seconds between two boundaries, behind which a reader finds its way again, as LabRecorder has it. */
const BOUNDARY_PERIOD = 10
/** Most streams of one recording, those that are over included. */
const MAX_STREAMS = 65_536

/** What went into a recording so far. */
export interface RecorderStats {
  /** Streams there are and were. */
  streams: number
  samples: number
  /** That the destination has taken. */
  bytes: number
}

/**
 * Writes streams as an XDF 1.0 file while they come, in memory for what its destination has not yet taken. Each write
 * is whole chunks, so that a recording that is cut off can be read up to there.
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
  /** Settles when the recording is closed; rejects where it failed. */
  readonly closed: Promise<void>
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #now: Now
  readonly #streams = new Set<RecordedStream>()
  readonly #stats: RecorderStats = { streams: 0, samples: 0, bytes: 0 }
  #failure: StreamError | undefined
  #begun = false
  #boundary: number
  #closing: Promise<void> | undefined

  /**
   * @param destination such as a file's `createWritable()`; it is closed with the recording
   * @param now the recorder's clock, which clock offsets are towards
   */
  constructor(destination: WritableStream<Uint8Array>, now: Now = platformNow) {
    this.#writer = destination.getWriter()
    this.#now = now
    this.#boundary = now()
    this.closed = this.#writer.closed.catch((cause: unknown) => {
      throw this.#fail(cause)
    })
    // Whoever writes or closes hears of it too.
    this.closed.catch(() => {})
  }

  /**
   * Begins a stream; what another description holds for is another stream.
   *
   * @throws StreamError `recording-failed`
   */
  async addStream(description: StreamDescription, origin: XdfOrigin = {}): Promise<RecordedStream> {
    if (this.#stats.streams >= MAX_STREAMS) throw failed(`it has ${MAX_STREAMS} streams`)
    const stream: RecordedStream = new RecordedStream(++this.#stats.streams, description, {
      send: (bytes, samples) => this.#send(bytes, samples),
      ended: () => this.#streams.delete(stream),
    })
    this.#streams.add(stream)
    await stream.begin(origin)
    return stream
  }

  stats(): RecorderStats {
    return { ...this.#stats }
  }

  /**
   * Writes the footers and closes the destination.
   *
   * @throws StreamError `recording-failed`, also where it failed before
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#send(new Uint8Array())
    for (const stream of [...this.#streams]) await stream.end()
    await this.#writer.close().catch((cause: unknown) => {
      throw this.#fail(cause)
    })
  }

  /** Settles when the destination is ready for more. */
  async #send(bytes: Uint8Array, samples = 0): Promise<void> {
    if (!this.#begun) this.#write(xdfFileHeader(new Date(this.#now() * 1000).toISOString()))
    this.#begun = true
    if (this.#now() - this.#boundary >= BOUNDARY_PERIOD) {
      this.#boundary = this.#now()
      this.#write(xdfBoundary())
    }
    if (bytes.length > 0) this.#write(bytes, samples)
    try {
      await this.#writer.ready
    } catch (cause) {
      throw this.#fail(cause)
    }
  }

  #write(bytes: Uint8Array, samples = 0): void {
    this.#writer.write(bytes).then(
      () => {
        this.#stats.bytes += bytes.length
        this.#stats.samples += samples
      },
      (cause) => this.#fail(cause),
    )
  }

  #fail(cause: unknown): StreamError {
    this.#failure ??= failed((cause as Error | undefined)?.message ?? String(cause), cause)
    return this.#failure
  }
}

const failed = (why: string, cause?: unknown): StreamError =>
  new StreamError('recording-failed', `Cannot write the recording: ${why}`, { cause })
