import { type DataTrackLike, describeTrack, followDataTrack, isDataTrack, subscribe } from './data-track.ts'
import type { SourceSink } from './source.ts'

/**
 * The used part of a datastreams-api DataStream. `tracks` is an array in the version of December 2021, and a Map in
 * 0.0.18. In 0.0.18, the DataStream is also a MediaStream. A plain MediaStream has no `tracks`.
 */
export interface DataStreamLike {
  /** The data tracks: an array, or the values of a Map. */
  readonly tracks?: Iterable<unknown>
  /** The current video tracks. Without the method, the stream has no video. */
  getVideoTracks?(): MediaStreamTrack[]
  /** The current audio tracks. Without the method, the stream has no audio. */
  getAudioTracks?(): MediaStreamTrack[]
  /** As of an EventTarget. The source listens to `addtrack`, `track` and `removetrack`. */
  addEventListener(type: string, listener: (event: Event) => void): void
  /** As of an EventTarget. The source removes its listeners when it stops. */
  removeEventListener(type: string, listener: (event: Event) => void): void
}

export const isStream = (value: unknown): value is DataStreamLike => {
  const { tracks, getVideoTracks, addEventListener } = (value ?? {}) as Partial<DataStreamLike>
  return (isIterable(tracks) || typeof getVideoTracks === 'function') && typeof addEventListener === 'function'
}

/** Version 0.0.18 and MediaStream emit `addtrack`; the version of December 2021 emits `track`. */
const CHANGES = ['addtrack', 'track', 'removetrack']

/**
 * Follows a stream's tracks, including tracks that are added or removed later.
 *
 * @returns a function that stops following
 */
export function followStream(stream: DataStreamLike, sink: SourceSink): () => void {
  const data = new Map<DataTrackLike, () => void>()
  const media = new Set<MediaStreamTrack>()

  const add = (track: unknown) => {
    if (!isDataTrack(track) || data.has(track)) return
    const nameless = !track.kind && !track.label && !track.contentHint
    data.set(track, nameless && media.size > 0 ? followNameless(track, sink) : followDataTrack(track, sink))
  }
  const remove = (track: DataTrackLike) => {
    data.get(track)?.()
    if (data.delete(track)) sink.removeTrack(track)
  }
  // Compare the whole list of tracks. This works whether a version emits the event before or after it changes its list.
  const look = (event?: Event) => {
    const nowMedia = new Set([...(stream.getVideoTracks?.() ?? []), ...(stream.getAudioTracks?.() ?? [])])
    for (const track of media) if (!nowMedia.has(track) && media.delete(track)) sink.removeMedia(track)
    for (const track of nowMedia) if (!media.has(track) && media.add(track)) sink.addMedia(track)
    const named = event as { track?: unknown; detail?: unknown } | undefined
    const track = named?.track ?? named?.detail
    const nowData = new Set(tracksOf(stream))
    if (event?.type === 'removetrack') nowData.delete(track)
    else nowData.add(track)
    for (const known of data.keys()) if (!nowData.has(known)) remove(known)
    for (const found of nowData) add(found)
  }
  look()
  for (const change of CHANGES) stream.addEventListener(change, look)
  return () => {
    for (const change of CHANGES) stream.removeEventListener(change, look)
    for (const end of data.values()) end()
  }
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

/** The tracks of a Map are its values. */
function tracksOf({ tracks }: DataStreamLike): Iterable<unknown> {
  if (tracks === undefined) return []
  const { values } = tracks as unknown as Partial<Map<unknown, unknown>>
  return typeof values === 'function' ? values.call(tracks as never) : tracks
}

/**
 * Follows a data track without a name. DataStream 0.0.18 creates one for each media track, with the frames of that
 * track. WebRTC already carries these frames as media. Therefore, this function announces the track only when its first
 * value is not a media frame.
 */
function followNameless(track: DataTrackLike, sink: SourceSink): () => void {
  let known = false
  return subscribe(track, (values, timestamps) => {
    if (!known) {
      if (isMediaFrame(values[0])) return
      known = true
      sink.addTrack(track, describeTrack(track))
    }
    sink.push(track, values, timestamps)
  })
}

/** Whether a value is a VideoFrame or an AudioData (W3C WebCodecs). */
const isMediaFrame = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('codedWidth' in value || 'numberOfFrames' in value)
