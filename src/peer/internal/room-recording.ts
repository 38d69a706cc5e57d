import type { StreamError } from '../../streams/mod.ts'
import type { TypedTarget } from '../shared/mod.ts'

/** Counts of a recording so far. */
export interface RoomRecordingStats {
  /** Streams in the file, including ended ones. A stream with a new description counts as another one. */
  streams: number
  /** Samples that the destination has accepted. */
  samples: number
  /** Bytes that the destination has accepted. */
  bytes: number
  /** Streams that the file lacks, because their peer has too many. */
  omitted: number
  /** Samples that were lost on the link, because the destination was too slow, or with an omitted stream. */
  missed: number
  /** Seconds since the recording began. */
  seconds: number
}

/** The events of a recording. */
export interface RoomRecordingEvents {
  /** A peer has too many streams, so the file lacks some of them. The recording continues. */
  error: CustomEvent<StreamError>
}

/**
 * A recording of everything that the members of a room publish, in XDF 1.0. `Membership.record` starts it. It ends when
 * the app calls `stop()`, when this user leaves the room, or when the destination fails.
 *
 * @example
 * ```ts
 * import type { Membership } from 'datastreams-webrtc/peer'
 *
 * export async function record(room: Membership, file: FileSystemFileHandle, trial: () => Promise<void>): Promise<void> {
 *   await using recording = room.record(await file.createWritable())
 *   await trial()
 *   console.log(recording.stats().samples)
 * } // the file is complete, also if the trial failed
 * ```
 */
export interface RoomRecording extends TypedTarget<RoomRecordingEvents>, AsyncDisposable {
  /**
   * Settles when the recording has stopped and the file is complete. Rejects with a StreamError `recording-failed` if
   * writing failed.
   */
  readonly closed: Promise<void>

  /** Returns the counts so far. */
  stats(): RoomRecordingStats

  /**
   * Writes the received samples and the footers, then closes the destination. Later calls return the same promise.
   *
   * @throws StreamError `recording-failed`, also if the recording failed before
   */
  stop(): Promise<void>

  /** Stops the recording, at the end of the block of `await using`. @throws as `stop` */
  [Symbol.asyncDispose](): Promise<void>
}
