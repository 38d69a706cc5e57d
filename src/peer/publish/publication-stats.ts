/** What became of a publication so far. */
export interface PublicationStats {
  /** Samples taken, and those that did not fit their format. */
  samples: number
  refused: number
  /** Messages of samples that went out, and their bytes: each once, whoever gets it. */
  chunks: number
  bytes: number
  /** What was dropped as it found no room, was overtaken or too old: once for each receiver that it was meant for. */
  droppedChunks: number
  droppedSamples: number
  droppedBytes: number
  /** What waits for the receiver that is furthest behind, in its longest queue, and the age in s of its oldest chunk. */
  queuedBytes: number
  queueAge: number
}
