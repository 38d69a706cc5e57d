import type { Info, RelayName } from '../../protocol/mod.ts'
import type { Wrtc } from '../link/mod.ts'
import type { Outbox } from '../publish/mod.ts'
import type { IncomingPublication, Remembered } from '../receive/mod.ts'
import type { PublicationInfo } from '../wire/mod.ts'

/** What a peer is, and what its Membership does for it. */
export interface RemotePeerOptions {
  id: number
  info: Info
  /** The server's number of this incarnation of the pair. */
  link: number
  initiator: boolean
  /** Whether what the peer publishes is taken: it may publish, and oneself may subscribe. */
  takes: boolean
  /** Whether the peer is told what oneself publishes. */
  gives: boolean
  rtc(): RTCConfiguration
  renewRtc(): void
  wrtc: Wrtc | undefined
  outbox: Outbox
  /** How many seconds to ask for of what the peer has published already. */
  history: number
  signal(name: RelayName, peer: number, body: unknown): void
  /** The peer says that it has another id. */
  moved(id: number): void
  /** What is known of somebody who was here before, with that certificate. */
  claim(fingerprint: string): Remembered | undefined
  leftBehind(info: PublicationInfo): IncomingPublication | undefined
}
