import type { ChannelDescription, Samples, StreamDescription } from '../../streams/mod.ts'
import { TypedEventTarget } from '../shared/mod.ts'

/** Gets plain arrays, as a datastreams-api track gives them; the timestamps are the source's own. */
export type Subscriber = (values: unknown[], timestamps: number[]) => void

export interface RemoteTrackEvents {
  ended: Event
  /** The description changed. */
  describe: Event
}

/**
 * One channel of a stream that somebody else publishes; behaves as a datastreams-api DataStreamTrack does for its
 * readers. All channels of a stream come sample for sample together, and share its description and its counts.
 */
export class RemoteTrack extends TypedEventTarget<RemoteTrackEvents> {
  /** Unique among the tracks of its peer. */
  readonly id: string
  /** Of the whole stream: all channels that come together. */
  description: StreamDescription
  /** Which of the description's channels this is. */
  readonly channel: number
  enabled = true
  readonly muted = false
  readonly remote = true
  readyState: 'live' | 'ended' = 'live'
  /** Samples received, and those that the publisher's numbers show to be lost. */
  samples = 0
  missed = 0
  readonly #subscribers = new Map<string, Subscriber>()
  #subscriptions = 0

  constructor(id: string, description: StreamDescription, channel: number = 0) {
    super()
    this.id = id
    this.description = description
    this.channel = channel
  }

  get kind(): string {
    return this.#channel.kind ?? this.description.kind ?? this.description.type
  }

  get label(): string {
    return this.#channel.name ?? this.description.name
  }

  get contentHint(): string {
    const { channels, contentHint = '' } = this.description
    return this.#channel.contentHint ?? (channels.length > 1 ? this.#channel.label : contentHint)
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
    const values: unknown[] = []
    for (let at = this.channel; at < data.length; at += channels) values.push(data[at])
    for (const subscriber of [...this.#subscribers.values()]) {
      // One that throws must not cost the others their samples, nor the link its life.
      try {
        subscriber([...values], Array.from(timestamps))
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

  get #channel(): ChannelDescription {
    return this.description.channels[this.channel] as ChannelDescription
  }
}
