import type { OpName, SignalErrorCode } from '../../protocol/mod.ts'

/** What a service has done since its start. */
export interface Counts {
  /** Messages received from users. */
  received: number
  /** The received messages and their bytes, by op; `unreadable` for those that could not be decoded. */
  taken: Tally<OpName | 'unreadable'>
  /** Messages and bytes sent to users, by op. Frames that a resumed session receives again are not counted. */
  sent: Tally<OpName>
  /** Relayed signals. */
  relayed: number
  /** Rejections, by error code. */
  refused: Partial<Record<SignalErrorCode, number>>
  /** Rejections and closes, by the name of the limit that was reached. */
  limited: Record<string, number>
  /** Users removed because their queue exceeded its limit. */
  slow: number
  /** Users removed because their transport threw. */
  failed: number
  /** What happened to lost connections. */
  resumed: ResumeCounts
  /** Disconnected users that can still resume, at this moment. */
  waiting: number
  /** What connections queue, at the last message to each. Each message counts 512 bytes more. */
  queued: number
  /** Messages that wait for a later turn, because one request has many recipients. */
  pending: number
  /** What the service buffers for sessions, at this moment. Each frame counts 128 bytes more. */
  kept: number
  /** What the limit `bufferedBytes` has ended, by whose part was exceeded. */
  ended: Record<'server' | 'address' | 'sub', EndCounts>
  /** Users that receive announcements of rooms that they are not in, at this moment. */
  announced: number
  /** Addresses and identities with a budget of their own, at this moment. */
  budgets: number
}

/** What was ended because buffers held more than their limit. */
export interface EndCounts {
  /** Sessions that waited for their client. */
  sessions: number
  /** Open connections, and connections that the service had closed while they still queued something. */
  connections: number
}

/** Messages and bytes, by name. */
export type Tally<Name extends string> = Partial<Record<Name, { frames: number; bytes: number }>>

/** What happened to sessions whose connection was lost. */
export interface ResumeCounts {
  /** Sessions that resumed over another connection. */
  recovered: number
  /** Resumed sessions whose old connection was still open; the service closed it with 4000. */
  displaced: number
  /**
   * Failed attempts to resume: the session is unknown, belongs to another user, or lacks frames. The client starts
   * afresh.
   */
  refused: number
  /** Users removed because they did not resume within the grace time. */
  expired: number
  /**
   * Users removed because their replay buffer, the number of disconnected users, or all that the service holds exceeded
   * its limit.
   */
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
  queued: 0,
  pending: 0,
  kept: 0,
  ended: {
    server: { sessions: 0, connections: 0 },
    address: { sessions: 0, connections: 0 },
    sub: { sessions: 0, connections: 0 },
  },
  announced: 0,
  budgets: 0,
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

/** Adds one to the count of that name. */
export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
