/** Recordings of a room. @module */
export { LoopbackStreams } from './loopback-streams.ts'
export { RoomRecording, type RoomRecordingEvents, type RoomRecordingStats } from './room-recording.ts'
