import type { StreamDescription } from '../../streams/mod.ts'
import type { TypedTarget } from '../shared/mod.ts'

/**
 * Receives the samples of one channel as plain arrays, as from a datastreams-api track.
 *
 * @param values one for each sample
 * @param timestamps those of the source, one for each sample, in the description's `timeUnit`
 */
export type Subscriber = (values: unknown[], timestamps: number[]) => void

/** The events of a remote track, with the type of each. */
export interface RemoteTrackEvents {
  /** The publisher ended the track or the whole stream, or the peer has left. */
  ended: Event
  /** The description has changed. */
  describe: Event
}

/**
 * One channel of a stream of another peer. Readers can use it like a datastreams-api DataStreamTrack.
 *
 * All channels of a stream arrive together, sample by sample. They share its description and its counts.
 *
 * @example
 * ```ts
 * import type { RemoteTrack } from 'datastreams-webrtc/peer'
 *
 * export function print(track: RemoteTrack): void {
 *   track.subscribe((values, timestamps) => console.log(track.label, values, timestamps))
 * }
 * ```
 */
export interface RemoteTrack extends TypedTarget<RemoteTrackEvents> {
  /** Unique among the tracks of its peer. */
  readonly id: string
  /** Description of the whole stream, with all channels that arrive together. Another object after each change. */
  readonly description: StreamDescription
  /** Index of this channel in the description. */
  readonly channel: number
  /** While false, the subscribers of this track get no samples. Readers of the stream still do. @default true */
  enabled: boolean
  /** Always false. It exists because a MediaStreamTrack has it. */
  readonly muted: boolean
  /** Always true, as of a MediaStreamTrack of an RTCPeerConnection. */
  readonly remote: boolean
  /** As of a MediaStreamTrack. An ended track gets no more samples. */
  readonly readyState: 'live' | 'ended'
  /** Samples received. */
  readonly samples: number
  /** Samples lost, by the publisher's sample numbers. */
  readonly missed: number
  /** The kind of the published track, or else the type of the stream, such as `EEG`. */
  readonly kind: string
  /** The name of the published track, or else of the stream. */
  readonly label: string
  /** The contentHint of the published track. Of a channel without its own, the channel's label, such as `Fp1`. */
  readonly contentHint: string

  /**
   * Calls back with all samples from now on. A callback that throws stops neither the others nor the link: its error is
   * reported as uncaught.
   *
   * @param callback gets arrays of its own, which it may keep and change
   * @returns an id for `unsubscribe`
   */
  subscribe(callback: Subscriber): string

  /**
   * Ends a subscription.
   *
   * @param id as `subscribe` returned it
   * @returns false if there is no such subscription
   */
  unsubscribe(id: string): boolean
}
