import type { StreamDescription } from '../description/mod.ts'
import type { SourceSink } from './source.ts'

/** The used part of a datastreams-api DataStreamTrack, in the versions of December 2021 and 0.0.18. */
export interface DataTrackLike {
  /** Id of the device, shared by all its tracks. */
  readonly id?: string
  /** What the track measures, such as `EEG`. It becomes the `kind` of the description. */
  readonly kind?: string
  /** What the stream is called, such as `Muse`. It becomes the `name` of the description. */
  readonly label?: string
  /** The place of the channel, such as `Fp1`. It becomes the label of the channel; if it is empty, `label` does. */
  readonly contentHint?: string
  /** Calls back with arrays of values and of timestamps in ms. The version of December 2021 passes only one value. */
  subscribe(callback: (values: unknown, timestamps?: unknown) => void): unknown
  /** Ends a subscription. `id` is what `subscribe` returned. Without the method, the source ignores later values. */
  unsubscribe?(id: never): unknown
  /** As of an EventTarget. With this method, the track's event `ended` ends the stream. */
  addEventListener?: unknown
}

export const isDataTrack = (value: unknown): value is DataTrackLike =>
  typeof value === 'object' && value !== null && typeof (value as DataTrackLike).subscribe === 'function'

/**
 * Follows one track until it ends.
 *
 * @returns a function that stops following earlier
 */
export function followDataTrack(track: DataTrackLike, sink: SourceSink): () => void {
  sink.addTrack(track, describeTrack(track))
  const unsubscribe = subscribe(track, (values, timestamps) => sink.push(track, values, timestamps))
  const target = track as unknown as EventTarget
  const end = () => sink.removeTrack(track)
  if (typeof track.addEventListener === 'function') target.addEventListener('ended', end)
  return () => {
    unsubscribe()
    if (typeof track.addEventListener === 'function') target.removeEventListener('ended', end)
  }
}

/** Subscribes to a track of either version. The callback always receives arrays, as in 0.0.18. */
export function subscribe(
  track: DataTrackLike,
  callback: (values: ArrayLike<unknown>, timestamps?: ArrayLike<unknown> | number) => void,
): () => void {
  let active = true
  const id = track.subscribe((values, timestamps) => {
    if (active) callback(Array.isArray(values) ? values : [values], stampsOf(timestamps))
  })
  return () => {
    active = false
    track.unsubscribe?.(id as never)
  }
}

/**
 * Returns the description of a track. The track's label names the stream. Its contentHint, for example an electrode,
 * labels the channel.
 */
export function describeTrack({ id, kind, label, contentHint }: DataTrackLike): Partial<StreamDescription> {
  const name = label ?? ''
  const channel = { label: contentHint || name, unit: '', type: '' }
  return { name, sourceId: id ?? '', channels: [channel], kind: kind ?? '', contentHint: contentHint ?? '' }
}

const stampsOf = (given: unknown): ArrayLike<unknown> | number | undefined =>
  typeof given === 'number' || Array.isArray(given) || ArrayBuffer.isView(given)
    ? (given as ArrayLike<unknown>)
    : undefined
