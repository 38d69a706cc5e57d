/** Recordings of a room. @module */
export { LoopbackStreams } from './loopback-streams.ts'
export { RoomRecorder } from './room-recorder.ts'
export type { RoomRecording, RoomRecordingEvents, RoomRecordingStats } from './room-recording.ts'
