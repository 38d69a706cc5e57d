import {
  closeQuietly,
  describeTrack,
  encodeChunk,
  encodeControl,
  MAX_PUBLICATIONS,
  MAX_TEXT_LENGTH,
  StreamWriter,
  toName,
} from '../internal/mod.ts'

/**
 * Converts the channels of a client before version 1 to streams. Such a client opens one channel for each track. Each
 * message is the JSON of an array of values, or of one value (format of December 2021). Messages carry no timestamps.
 * So each sample gets the time of its arrival.
 */
export class LegacyReceiver {
  /** Rejected messages, samples and channels. */
  ignored = 0
  readonly #message: (bytes: Uint8Array) => void
  readonly #ends = new Map<RTCDataChannel, () => void>()
  #number = 0

  /** @param message receives the messages that a client of version 1 would have sent */
  constructor(message: (bytes: Uint8Array) => void) {
    this.#message = message
  }

  take(channel: RTCDataChannel): void {
    if (this.#ends.size >= MAX_PUBLICATIONS) {
      this.ignored++
      closeQuietly(channel)
      return
    }
    const writer = this.#begin(++this.#number, toName(channel.label, MAX_TEXT_LENGTH))
    const end = (): void => {
      if (this.#ends.delete(channel)) writer.end()
    }
    this.#ends.set(channel, end)
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      const values = this.#ends.has(channel) ? valuesOf(data) : undefined
      if (values === undefined) this.ignored++
      else writer.add(values)
    })
    channel.addEventListener('close', end)
  }

  close(): void {
    for (const end of [...this.#ends.values()]) end()
  }

  /** Announces a stream with its first sample, because only the sample shows the format. */
  #begin(number: number, name: string): { add(values: unknown[]): void; end(): void } {
    let isTold = false
    const writer = new StreamWriter({
      description: describeTrack(name, { timeUnit: 's', dejitter: false }, {}),
      infer: true,
      emit: (samples, description) => {
        if (!isTold) this.#message(encodeControl(['publish', number, { name, tracks: [[number, description]] }]))
        isTold = true
        this.#message(encodeChunk(number, samples, description))
      },
      // Nothing to do: `emit` announces the stream later, with the description of that time.
      describe() {},
      refuse: (_error, samples) => {
        this.ignored += samples
      },
    })
    return {
      add: (values) => writer.add(values),
      end: () => {
        writer.flush()
        if (isTold) this.#message(encodeControl(['unpublish', number, [[number, writer.samples]]]))
      },
    }
  }
}

/** @returns undefined if the message is not JSON text */
function valuesOf(data: unknown): unknown[] | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const values: unknown = JSON.parse(data)
    return Array.isArray(values) ? values : [values]
  } catch {
    return undefined
  }
}
