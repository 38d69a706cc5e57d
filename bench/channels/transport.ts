/** Carries samples from one page to others. Each contestant implements this interface. */
export interface Transport {
  /** Resolves when all receivers are linked. */
  send(way: Way): Promise<Sending>
  /**
   * Resolves when the sender can find this receiver.
   *
   * @param take called with the samples that arrive: whole samples, in order
   */
  receive(way: Way, receiver: number, take: (values: ArrayLike<number>) => void): Promise<void>
}

export interface Sending {
  /** Sends whole samples to all receivers. */
  push(block: Samples): void
  /** Resolves when the transport can accept more samples. */
  room(): Promise<void>
}

export type Samples = Float32Array<ArrayBuffer> | Int16Array<ArrayBuffer>

/** What a transport links, and its server or signals. */
export interface Way {
  format: 'float32' | 'int16'
  channels: number
  /** Samples per second. */
  rate: number
  receivers: number
  /** Port of the contestant's own server, or 0 if it has none. */
  port: number
  signals: Signals
}

/** Carries signals for contestants without a server. */
export interface Signals {
  send(receiver: number, signal: unknown): void
  /** Also calls the listener with signals that arrived earlier. */
  listen(receiver: number, listener: (signal: unknown) => void): void
}

/** Largest message, in bytes, where the app chooses the size. PeerJS splits larger messages again. */
const MESSAGE_BYTES = 16_000

/** Splits a block into messages of whole samples. */
export function* messagesOf(block: Samples, channels: number): Generator<Samples> {
  const values = Math.max(1, Math.floor(MESSAGE_BYTES / block.BYTES_PER_ELEMENT / channels)) * channels
  for (let from = 0; from < block.length; from += values) yield block.slice(from, from + values)
}

export const valuesOf = (format: Way['format'], data: ArrayBuffer): Samples =>
  format === 'int16' ? new Int16Array(data) : new Float32Array(data)

/** The sender waits while a channel buffers at least this many bytes. */
const HIGH_MARK = 262_144

export async function roomIn(channels: readonly RTCDataChannel[]): Promise<void> {
  for (const channel of channels) {
    if (channel.bufferedAmount < HIGH_MARK) continue
    channel.bufferedAmountLowThreshold = HIGH_MARK / 2
    await new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }))
  }
}
