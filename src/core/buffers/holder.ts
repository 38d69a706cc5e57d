import type { Transport, UserType } from '../shared/mod.ts'

/** The order in which holders go: closed connections, then sessions that wait for their client, then connected users. */
export const Turn = { closed: 0, waiting: 1, connected: 2 } as const
export type Turn = (typeof Turn)[keyof typeof Turn]

/**
 * A connection that queues messages, or a session that keeps them. A message to several users counts in each holder,
 * although they share its bytes.
 */
export interface Holder {
  readonly kind: 'queued' | 'kept'
  readonly ws: Transport
  /** Undefined for a connection that no longer has a user. */
  readonly user: UserType | undefined
  readonly turn: Turn
  /** The number of the oldest message. */
  readonly oldest: number
  /** What its messages cost, as `Buffers` has counted it. */
  held: number
  /** Where `Buffers` counts it; undefined while it does not. */
  place: Place | undefined
  /** Counts what the connection still queues. */
  measure?(): void
}

/** The address and the `sub` of a holder, and the sums that contain it. */
export interface Place {
  readonly address: string | undefined
  readonly sub: string | undefined
  readonly sums: readonly Sum[]
}

/** Whose limit a sum has. */
export type Cause = 'server' | 'address' | 'sub'

/** What several holders hold together. */
export interface Sum {
  readonly cause: Cause
  readonly limit: number
  readonly holders: Set<Holder>
  held: number
}

/** Where holders report what they hold. */
export interface Ledger {
  /** Returns the number of the next message. Numbers show which of two messages is older. */
  next(): number
  /** Sets what a holder holds. */
  set(holder: Holder, held: number): void
}
