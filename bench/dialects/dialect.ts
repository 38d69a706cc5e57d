import { bare } from './bare.ts'
import { jsonService } from './json-service.ts'
import { identified, kept, ours } from './ours.ts'
import { peerjs } from './peerjs.ts'
import { socketIo } from './socket-io.ts'
import type { Speaker } from './speaker.ts'
import { yWebrtc } from './y-webrtc.ts'

export type DialectName = 'bare' | 'ours' | 'kept' | 'identified' | 'peerjs' | 'y-webrtc' | 'socket.io' | 'json-service'

export const dialects: Readonly<Record<DialectName, () => Speaker>> = {
  bare,
  ours,
  kept,
  identified,
  peerjs,
  'y-webrtc': yWebrtc,
  'socket.io': socketIo,
  'json-service': jsonService,
}
