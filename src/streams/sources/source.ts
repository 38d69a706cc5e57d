import type { StreamDescription } from '../description/mod.ts'

/** What a source tells about itself while it is followed. A track is named by any object that stands for it. */
export interface SourceSink {
  addTrack(track: object, description: Partial<StreamDescription>): void
  removeTrack(track: object): void
  /** @param timestamps in the description's unit; one for each value, the last standing for those that are missing, or one for all */
  push(track: object, values: ArrayLike<unknown>, timestamps?: ArrayLike<unknown> | number): void
  /** Sound and pictures, which the network carries by its own means. */
  addMedia(track: MediaStreamTrack): void
  removeMedia(track: MediaStreamTrack): void
  /** Whether whoever can wait should. */
  readonly full: boolean
  /** Settles when it is worth looking again whether it is full. */
  drained(): Promise<void>
  /** Nothing more will come. */
  end(error?: Error): void
}

/** Starts telling; what it returns ends it. */
export type Source = (sink: SourceSink) => () => void
