import type { ChannelDescription, Samples, StreamDescription } from '../../streams/mod.ts'
import { TypedEventTarget } from '../shared/mod.ts'
import type { RemoteTrack, RemoteTrackEvents, Subscriber } from './remote-track.ts'

/** Splits the samples of a stream for the subscribers of one channel. */
export class ReceivedTrack extends TypedEventTarget<RemoteTrackEvents> implements RemoteTrack {
  readonly id: string
  description: StreamDescription
  readonly channel: number
  enabled = true
  readonly muted = false
  readonly remote = true
  readyState: 'live' | 'ended' = 'live'
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

  subscribe(callback: Subscriber): string {
    const id = String(++this.#subscriptions)
    this.#subscribers.set(id, callback)
    return id
  }

  unsubscribe(id: string): boolean {
    return this.#subscribers.delete(id)
  }

  /** Passes samples to the subscribers, unless the track is disabled. */
  deliver({ data, timestamps }: Samples): void {
    if (this.#subscribers.size === 0 || !this.enabled) return
    const channels = this.description.channels.length
    const values: unknown[] = []
    for (let at = this.channel; at < data.length; at += channels) values.push(data[at])
    for (const subscriber of [...this.#subscribers.values()]) {
      // A subscriber that throws must not stop the others, and must not close the link.
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
