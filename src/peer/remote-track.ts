import type { Samples, StreamDescription } from '../streams/mod.ts'
import { TypedEventTarget } from './typed-events.ts'

/** Gets plain arrays, as a datastreams-api track gives them; with several channels each value is a row of them. */
export type Subscriber = (values: unknown[], timestamps: number[]) => void

export interface RemoteTrackEvents {
  ended: Event
  /** The description changed. */
  describe: Event
}

/** One stream that somebody else publishes; behaves as a datastreams-api DataStreamTrack does for its readers. */
export class RemoteTrack extends TypedEventTarget<RemoteTrackEvents> {
  /** Unique among the tracks of its peer. */
  readonly id: string
  description: StreamDescription
  enabled = true
  readonly muted = false
  readonly remote = true
  readyState: 'live' | 'ended' = 'live'
  /** Samples received, and those that the publisher's numbers show to be lost. */
  samples = 0
  missed = 0
  readonly #subscribers = new Map<string, Subscriber>()
  #subscriptions = 0

  constructor(id: string, description: StreamDescription) {
    super()
    this.id = id
    this.description = description
  }

  get kind(): string {
    return this.description.kind ?? this.description.type
  }

  get label(): string {
    return this.description.name
  }

  get contentHint(): string {
    return this.description.contentHint ?? ''
  }

  /** @returns what `unsubscribe` takes */
  subscribe(callback: Subscriber): string {
    const id = String(++this.#subscriptions)
    this.#subscribers.set(id, callback)
    return id
  }

  unsubscribe(id: string): boolean {
    return this.#subscribers.delete(id)
  }

  /** Hands samples to the subscribers, unless the track is disabled. */
  deliver({ data, timestamps }: Samples): void {
    if (this.#subscribers.size === 0 || !this.enabled) return
    const channels = this.description.channels.length
    const values: unknown[] = Array.from(data as ArrayLike<unknown>)
    const rows = channels === 1 ? values : rowsOf(values, channels)
    for (const subscriber of [...this.#subscribers.values()]) {
      // One that throws must not cost the others their samples, nor the link its life.
      try {
        subscriber([...rows], Array.from(timestamps))
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  describe(description: StreamDescription): void {
    this.description = description
    this.dispatchEvent(new Event('describe'))
  }

  end(): void {
    if (this.readyState === 'ended') return
    this.readyState = 'ended'
    this.#subscribers.clear()
    this.dispatchEvent(new Event('ended'))
  }
}

const rowsOf = (values: unknown[], channels: number): unknown[][] =>
  Array.from({ length: values.length / channels }, (_, i) => values.slice(i * channels, (i + 1) * channels))
