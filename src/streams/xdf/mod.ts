/** Recordings as XDF. @module */
export { type Alignment, alignStamps, createAlignment } from './alignment.ts'
export type { RecordedStream } from './recorded-stream.ts'
export { MAX_RECORDED_STREAMS, Recorder, type RecorderStats } from './recorder.ts'
export type { XdfClockOffset, XdfFooter } from './xdf-chunks.ts'
export { type PlacedClockOffset, parseXdf, readXdf, XdfError, type XdfFile, type XdfStream } from './xdf-file.ts'
export type { XdfOrigin } from './xdf-header.ts'
export { type XdfPart, XdfReader } from './xdf-reader.ts'
export type { XmlElement } from './xml.ts'
