/** Chunks of samples: the code that writes, encodes, reads and queues them. @module */
export { type ChunkHeader, type ChunkLayout, encodeChunk, readChunk, type Samples, unpackChunk } from './chunk.ts'
export { ChunkQueue, type QueuedSamples } from './chunk-queue.ts'
export { areStamps, stampsOf } from './stamps.ts'
export { StreamWriter, type StreamWriterOptions } from './stream-writer.ts'
