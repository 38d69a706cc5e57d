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
  /** What became of lost connections. */
  resumed: ResumeCounts
  /** Users that are kept without a connection at this moment. */
  waiting: number
}

export interface ResumeCounts {
  /** Sessions that went on over another connection. */
  recovered: number
  /** Of those, how many had a connection still, which was closed with 4000. */
  displaced: number
  /** Attempts to go on with what is not there, is another's, or lacks something: fresh starts. */
  refused: number
  /** Users removed as they did not come back in time. */
  expired: number
  /** Users removed as more would have had to be kept than the limits allow. */
  overflowed: number
}

export const noCounts = (): Counts => ({
  received: 0,
  relayed: 0,
  refused: {},
  slow: 0,
  failed: 0,
  resumed: { recovered: 0, displaced: 0, refused: 0, expired: 0, overflowed: 0 },
  waiting: 0,
})
