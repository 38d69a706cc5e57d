/** Chunks of samples: written, encoded, read and queued. @module */
export { type ChunkHeader, type ChunkLayout, encodeChunk, readChunk, type Samples, unpackChunk } from './chunk.ts'
export { ChunkQueue, type QueuedSamples } from './chunk-queue.ts'
export { areStamps, stampsOf } from './stamps.ts'
export { StreamWriter, type StreamWriterOptions } from './stream-writer.ts'
