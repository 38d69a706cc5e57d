import type { XdfOrigin } from '../../streams/mod.ts'
import type { Outbox } from '../publish/mod.ts'
import type { RecordedRoom } from './recorded-room.ts'
import type { RoomRecording } from './room-recording.ts'

/** What `Membership.record` needs. `datastreams-webrtc/recording` exports the only one. */
export interface RecordingSupport {
  /** Distinguishes the support from other objects. */
  readonly name: 'recording'
}

/** The support as the companion uses it. Its types are no public names. */
export interface RecordingStart extends RecordingSupport {
  record(room: RecordedRoom, own: OwnSide, destination: WritableStream<Uint8Array>): RoomRecording
}

/** This side of a room, whose publications a recording has too. */
export interface OwnSide {
  /** This user's id. */
  id: number
  /** This user's own verified identity. */
  identity: XdfOrigin['publisher']
  outbox: Outbox
}
