/** One way for samples from a page to others: what each contestant is behind. */
export interface Transport {
  /** Settles once all receivers are linked. */
  send(way: Way): Promise<Sending>
  /**
   * Settles once the sender can find it.
   *
   * @param take is given what came: whole samples, in order, one after the other
   */
  receive(way: Way, receiver: number, take: (values: ArrayLike<number>) => void): Promise<void>
}

export interface Sending {
  /** To all receivers; whole samples. */
  push(block: Samples): void
  /** Settles once more can be taken. */
  room(): Promise<void>
}

export type Samples = Float32Array<ArrayBuffer> | Int16Array<ArrayBuffer>

/** What is to be linked, and over what. */
export interface Way {
  format: 'float32' | 'int16'
  channels: number
  /** Samples a second. */
  rate: number
  receivers: number
  /** Of the contestant's own server, where it has one. */
  port: number
  signals: Signals
}

/** Carries signals for those that have no server. */
export interface Signals {
  send(receiver: number, signal: unknown): void
  /** Signals that came before go to the listener too. */
  listen(receiver: number, listener: (signal: unknown) => void): void
}

/** Largest message, in bytes, of those that leave it to the app: less than what PeerJS splits once more. */
const MESSAGE_BYTES = 16_000

/** A block in messages of whole samples. */
export function* messagesOf(block: Samples, channels: number): Generator<Samples> {
  const values = Math.max(1, Math.floor(MESSAGE_BYTES / block.BYTES_PER_ELEMENT / channels)) * channels
  for (let from = 0; from < block.length; from += values) yield block.slice(from, from + values)
}

export const valuesOf = (format: Way['format'], data: ArrayBuffer): Samples =>
  format === 'int16' ? new Int16Array(data) : new Float32Array(data)

/** What waits in a channel before a sender does. */
const HIGH_MARK = 262_144

export async function roomIn(channels: readonly RTCDataChannel[]): Promise<void> {
  for (const channel of channels) {
    if (channel.bufferedAmount < HIGH_MARK) continue
    channel.bufferedAmountLowThreshold = HIGH_MARK / 2
    await new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }))
  }
}
