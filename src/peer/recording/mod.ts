/** Recordings of a room. @module */
export { OwnStreams } from './loopback-streams.ts'
export { RoomRecording, type RoomRecordingStats } from './room-recording.ts'
