import type { Info, RelayName } from '../../protocol/both-ends.ts'
import type { LegacyClients, PreparedPeer, Wrtc } from '../link/mod.ts'
import type { Outbox } from '../publish/mod.ts'
import type { IncomingPublication, Remembered } from '../receive/mod.ts'
import type { VerifiedIdentity } from '../signaling/mod.ts'
import type { PublicationInfo } from '../wire/mod.ts'

/** Describes a peer, and connects it to its membership. */
export interface LinkedPeerOptions {
  id: number
  info: Info
  identity: VerifiedIdentity | undefined
  /** The server's number of this pair. A returning peer has a new one. */
  link: number
  initiator: boolean
  /** Whether to accept the peer's publications: the peer may publish, and this user may subscribe. */
  takes: boolean
  /** Whether to announce this user's publications: this user may publish, and the peer may subscribe. */
  gives: boolean
  rtc(): RTCConfiguration
  prepared: PreparedPeer
  renewRtc(): void
  wrtc: Wrtc | undefined
  legacyClients: LegacyClients | undefined
  outbox: Outbox
  /** How many seconds of the past to request from the peer's reliable streams. */
  history: number
  signal(name: RelayName, peer: number, body: unknown): void
  /** The peer announced its new id. */
  moved(id: number): void
  /** Returns the streams of the known peer that had this certificate. */
  claim(fingerprint: string): Remembered | undefined
  /**
   * Whether streams that are known already may continue at this peer.
   *
   * @param fingerprint of the peer's certificate, if its description has come
   */
  mayContinue(fingerprint: string | undefined): boolean
  /** Returns a departed peer's publication of the same devices. The new publication continues it. */
  departed(info: PublicationInfo): IncomingPublication | undefined
}
