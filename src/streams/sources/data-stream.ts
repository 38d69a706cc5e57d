import { type DataTrackLike, describeTrack, followDataTrack, isDataTrack, subscribe } from './data-track.ts'
import type { SourceSink } from './source.ts'

/**
 * The part that is used of a datastreams-api DataStream: `tracks` is an array in December 2021 and a Map in 0.0.18,
 * where it is also a MediaStream. A plain MediaStream has no `tracks`.
 */
export interface DataStreamLike {
  readonly tracks?: Iterable<unknown>
  getVideoTracks?(): MediaStreamTrack[]
  getAudioTracks?(): MediaStreamTrack[]
  addEventListener(type: string, listener: (event: Event) => void): void
  removeEventListener(type: string, listener: (event: Event) => void): void
}

export const isStream = (value: unknown): value is DataStreamLike => {
  const { tracks, getVideoTracks, addEventListener } = (value ?? {}) as Partial<DataStreamLike>
  return (isIterable(tracks) || typeof getVideoTracks === 'function') && typeof addEventListener === 'function'
}

/** `addtrack` is of today's generation and of MediaStream, `track` of the old one. */
const CHANGES = ['addtrack', 'track', 'removetrack']

/** Follows a stream's tracks, those that come and go later included. */
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
  // Looking again is right for both generations, whether they tell before or after they change their list.
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

/** A Map's tracks are its values. */
function tracksOf({ tracks }: DataStreamLike): Iterable<unknown> {
  if (tracks === undefined) return []
  const { values } = tracks as unknown as Partial<Map<unknown, unknown>>
  return typeof values === 'function' ? values.call(tracks as never) : tracks
}

/**
 * For each media track that it takes, DataStream 0.0.18 also makes a data track of its frames, without any name. Those
 * travel as media; so a track without a name waits until it shows what it holds.
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

/** VideoFrame and AudioData (W3C WebCodecs). */
const isMediaFrame = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('codedWidth' in value || 'numberOfFrames' in value)
