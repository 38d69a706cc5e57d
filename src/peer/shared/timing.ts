import { after } from '../../streams/shared/timers.ts'

/** When the connection to the server is taken as lost, and tried again. Times in ms. */
export interface Timing {
  /** Only its differences count. */
  now(): number
  /** Calls back so many ms later, unless what it returns is called before. */
  after(ms: number, callback: () => void): () => void
  /** 0 ≤ x < 1 */
  random(): number
  /** How long opening a connection, and each answer, may take. */
  answer: number
  /** After so long a silence the server is asked for a sign of life; */
  silence: number
  /** without one for so long the connection is lost. */
  patience: number
  /** How long the server may keep frames that have arrived. */
  untold: number
  /** A connection that has lasted so long was a good one: after it, waiting begins anew. */
  stable: number
  /** The first time waited is up to `shortest`, each next one up to twice as long, and none longer than `longest`. */
  shortest: number
  longest: number
  /** How long a room that one was in is asked for, where the server does not know it. */
  rejoin: number
}

export const realTiming: Timing = {
  now: () => performance.now(),
  after,
  random: Math.random,
  answer: 10_000,
  silence: 15_000,
  patience: 10_000,
  untold: 1_000,
  stable: 5_000,
  shortest: 500,
  longest: 30_000,
  rejoin: 30_000,
}

/** Calls back so many seconds later, unless what it returns is called before. */
export const afterSeconds = (seconds: number, callback: () => void): (() => void) => after(seconds * 1_000, callback)

/**
 * How long to wait before the next attempt, in ms: anything up to a limit that doubles ("full jitter"), so that those
 * who lost the same server do not come back at the same moment.
 *
 * @param attempt how many have failed already
 */
export const waitBefore = (attempt: number, { random, shortest, longest }: Timing): number =>
  random() * Math.min(longest, shortest * 2 ** attempt)
