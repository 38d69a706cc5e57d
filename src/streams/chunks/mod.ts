/** Chunks of samples: the code that writes, encodes and reads them. @module */
export { type ChunkHeader, type ChunkLayout, encodeChunk, readChunk, type Samples, unpackChunk } from './chunk.ts'
export { areStamps, stampsOf } from './stamps.ts'
export { StreamWriter, type StreamWriterOptions } from './stream-writer.ts'
