import type { DescriptionInit } from '../description/mod.ts'

/** Receives what a source emits while it is followed. Any object can stand for a track. */
export interface SourceSink {
  /** Announces a stream. Fields that the description lacks get their defaults. */
  addTrack(track: object, description: DescriptionInit): void
  /** Ends the stream of a track. Does nothing for an unknown track. */
  removeTrack(track: object): void
  /**
   * Adds values to the stream of a track, sample after sample.
   *
   * @param timestamps in the description's unit: one for each value, or one for all. The last timestamp replaces
   *   missing ones
   */
  push(track: object, values: ArrayLike<unknown>, timestamps?: ArrayLike<unknown> | number): void
  /** Adds audio or video, which WebRTC carries as media. */
  addMedia(track: MediaStreamTrack): void
  /** Removes audio or video that `addMedia` added. */
  removeMedia(track: MediaStreamTrack): void
  /** Whether the buffer is full. A source that can wait should then wait. */
  readonly full: boolean
  /** Resolves when the source should check `full` again. */
  drained(): Promise<void>
  /** Called when the source has ended, with the error if it failed. */
  end(error?: Error): void
}

/** Starts a source. The returned function stops it. */
export type Source = (sink: SourceSink) => () => void
