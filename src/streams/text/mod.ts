/** Recordings as text: OpenBCI and CSV. @module */
export { type CsvOptions, csvHeader, csvRows } from './csv-writer.ts'
export { parseRecording, type Recording, RecordingError } from './recording.ts'
export { type RecordingHead, RecordingParser, type RecordingRows } from './recording-parser.ts'
