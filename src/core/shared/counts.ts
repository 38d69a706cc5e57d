import type { OpName, SignalErrorCode } from '../../protocol/mod.ts'

/** What a service has done since it began. */
export interface Counts {
  /** Messages taken from users. */
  received: number
  /** Of these, how many there were of each op; those that could not be read are `unreadable`. */
  taken: Tally<OpName | 'unreadable'>
  /** What users were sent, by op; what a new connection is sent once more is not counted again. */
  sent: Tally<OpName>
  /** Signals passed on. */
  relayed: number
  /** Refusals, by code. */
  refused: Partial<Record<SignalErrorCode, number>>
  /** Refusals and closes by the name of the limit that was reached. */
  limited: Record<string, number>
  /** Users closed as their queue was over the limit. */
  slow: number
  /** Users removed as their transport threw. */
  failed: number
  /** What became of lost connections. */
  resumed: ResumeCounts
  /** Users that are kept without a connection at this moment. */
  waiting: number
}

/** Messages and their bytes, by name. */
export type Tally<Name extends string> = Partial<Record<Name, { frames: number; bytes: number }>>

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
  taken: {},
  sent: {},
  relayed: 0,
  refused: {},
  limited: {},
  slow: 0,
  failed: 0,
  resumed: { recovered: 0, displaced: 0, refused: 0, expired: 0, overflowed: 0 },
  waiting: 0,
})

/** Adds one message. */
export function tally<Name extends string>(tally: Tally<Name>, name: Name, bytes: number): void {
  const entry = tally[name]
  if (entry === undefined) tally[name] = { frames: 1, bytes }
  else {
    entry.frames++
    entry.bytes += bytes
  }
}

/** Adds one to what is counted under a name. */
export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
