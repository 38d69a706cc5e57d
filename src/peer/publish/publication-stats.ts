/** Counts of a publication so far, and its current queue. */
export interface PublicationStats {
  /** Samples taken from the source. */
  samples: number
  /** Samples that did not fit their format, or the largest message. */
  refused: number
  /** Messages of samples that were sent. Each counts once, however many receivers it has. */
  chunks: number
  /** Bytes of these messages. */
  bytes: number
  /**
   * Dropped chunks: the queue was full, or the chunk was overtaken or too old. Each counts once for every receiver that
   * it was meant for.
   */
  droppedChunks: number
  /** Samples in the dropped chunks. */
  droppedSamples: number
  /** Bytes of the dropped chunks. */
  droppedBytes: number
  /** Bytes in the longest queue of the receiver that is furthest behind. */
  queuedBytes: number
  /** Age of the oldest chunk in such a queue, in seconds. */
  queueAge: number
}
