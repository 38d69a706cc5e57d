import type { PeerArrival } from '../../protocol/both-ends.ts'

/** Who a peer is, as the server has verified it. */
export interface VerifiedIdentity {
  /** The claim `sub` of the peer's token. */
  readonly auth: string
  /** The claim `name`, if the token has one. */
  readonly name?: string | undefined
}

/** Returns a peer's verified identity. The peer's own `info` has no influence on it. */
export const identityOf = ({ verified, auth, name }: PeerArrival): VerifiedIdentity | undefined =>
  verified === true && auth ? Object.freeze({ auth, name }) : undefined
