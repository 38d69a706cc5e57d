/**
 * Recordings of a room. Few apps record, so this is an import of its own.
 *
 * @module
 */
import type { RecordingStart, RecordingSupport } from '../internal/mod.ts'
import { LoopbackStreams } from './loopback-streams.ts'
import { RoomRecorder } from './room-recorder.ts'

export type { RecordingSupport, RoomRecording, RoomRecordingEvents, RoomRecordingStats } from '../internal/mod.ts'

const support: RecordingStart = {
  name: 'recording',
  record: (room, own, destination) => new RoomRecorder(room, new LoopbackStreams(own), destination),
}

/**
 * Pass this to `connect`, and `record` of the session's rooms records them.
 *
 * @example
 * ```ts
 * import { connect, type Membership } from 'datastreams-webrtc/peer'
 * import { recording } from 'datastreams-webrtc/recording'
 *
 * export async function enter(url: string): Promise<Membership> {
 *   const session = await connect(url, { recording })
 *   return await session.join('lab', { create: true })
 * }
 * ```
 */
export const recording: RecordingSupport = support
