import type { Samples } from '../chunks/mod.ts'
import type { StreamDescription } from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import { type XdfClockOffset, xdfClockOffset, xdfSamples, xdfStreamFooter, xdfStreamHeader } from './xdf-chunks.ts'
import { streamHeader, type XdfOrigin } from './xdf-header.ts'
import { writeXml } from './xml.ts'

/**
 * Most clock offsets in a footer. Beyond this, the footer omits every second offset. The recording itself contains all
 * offsets, and readers use those.
 */
const MAX_OFFSETS = 4_096

interface Recording {
  /** Writes whole chunks. Resolves when there is room for more. */
  send(bytes: Uint8Array, samples?: number): Promise<void>
  ended(): void
}

/** One stream of a recording. `Recorder.addStream` creates it. */
export class RecordedStream {
  /** The content of the stream's header. It never changes: see `holds`. */
  readonly description: StreamDescription
  readonly #number: number
  readonly #recording: Recording
  #samples = 0
  #first: number | undefined
  #last: number | undefined
  #offsets: XdfClockOffset[] = []
  #over = false

  /** Creates a stream that is not in the file yet. Call `Recorder.addStream` instead, which also writes the header. */
  constructor(number: number, description: StreamDescription, recording: Recording) {
    this.#number = number
    this.description = description
    this.#recording = recording
  }

  /** Timestamp of the last sample, in seconds on the source's clock; undefined before the first sample. */
  get lastTimestamp(): number | undefined {
    return this.#last
  }

  /** Whether the stream's header also describes `description`. If not, the recording needs another stream. */
  holds(description: StreamDescription): boolean {
    return headerOf(description) === headerOf(this.description)
  }

  /** Writes the stream's header. `Recorder.addStream` calls it. */
  begin(origin: XdfOrigin): Promise<void> {
    return this.#recording.send(xdfStreamHeader(this.#number, this.description, origin))
  }

  /**
   * Writes samples. Resolves when there is room for more.
   *
   * @param samples with the timestamps that the source gave
   * @throws StreamError `recording-failed`; `bad-value` if the stream has ended, or if the number of values does not
   *   match
   */
  async write(samples: Samples): Promise<void> {
    const { data, timestamps } = samples
    const { channels, timeUnit } = this.description
    if (this.#over) throw new StreamError('bad-value', 'Cannot write samples: the stream has ended')
    if (data.length !== timestamps.length * channels.length) {
      const message = `Cannot write ${timestamps.length} samples: each needs ${channels.length} values: there are ${data.length}`
      throw new StreamError('bad-value', message)
    }
    if (timestamps.length === 0) return
    const second = timeUnit === 's' ? 1 : 1000
    this.#first ??= (timestamps[0] as number) / second
    this.#last = (timestamps.at(-1) as number) / second
    this.#samples += timestamps.length
    await this.#recording.send(xdfSamples(this.#number, samples, this.description), timestamps.length)
  }

  /** Writes the offset between the source's clock and the recorder's. Call this every 5 s, as LabRecorder does. */
  async clockOffset(offset: XdfClockOffset): Promise<void> {
    if (this.#over) return
    this.#offsets.push(offset)
    if (this.#offsets.length > MAX_OFFSETS) this.#offsets = this.#offsets.filter((_, i) => i % 2 === 0)
    await this.#recording.send(xdfClockOffset(this.#number, offset))
  }

  /** Ends the stream: writes its footer. */
  async end(): Promise<void> {
    if (this.#over) return
    this.#over = true
    this.#recording.ended()
    const span = (this.#last ?? 0) - (this.#first ?? 0)
    const footer = {
      firstTimestamp: this.#first,
      lastTimestamp: this.#last,
      sampleCount: this.#samples,
      measuredRate: span > 0 ? (this.#samples - 1) / span : undefined,
      clockOffsets: this.#offsets,
    }
    await this.#recording.send(xdfStreamFooter(this.#number, footer))
  }
}

const headerOf = (description: StreamDescription): string => writeXml(streamHeader(description))
