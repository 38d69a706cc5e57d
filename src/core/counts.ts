import type { SignalErrorCode } from '../protocol/mod.ts'

/** What a service has done since it began. */
export interface Counts {
  /** Messages taken from users. */
  received: number
  /** Signals passed on. */
  relayed: number
  /** Refusals, by code. */
  refused: Partial<Record<SignalErrorCode, number>>
  /** Users closed as their queue was over the limit. */
  slow: number
  /** Users removed as their transport threw. */
  failed: number
}

export const noCounts = (): Counts => ({ received: 0, relayed: 0, refused: {}, slow: 0, failed: 0 })
