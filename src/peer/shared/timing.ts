import { after } from '../../streams/shared/timers.ts'

/** Timeouts and backoff of the connection to the server. All times are in ms. */
export interface Timing {
  /** @returns a time in ms; only differences matter */
  now(): number
  /** Calls `callback` after `ms`. The returned function cancels the call. */
  after(ms: number, callback: () => void): () => void
  /** 0 ≤ x < 1 */
  random(): number
  /** Timeout for opening a connection, and for each answer. */
  answer: number
  /** If the server sends nothing for this long, the client pings it. */
  silence: number
  /** If no pong arrives for this long after the ping, the connection is lost. */
  pong: number
  /** Maximum delay before the client acknowledges received frames. */
  acknowledgement: number
  /** A connection that lasted this long resets the backoff. */
  stable: number
  /** The first wait is at most `shortest`. The maximum doubles each time, up to `longest`. */
  shortest: number
  longest: number
  /** How long the client tries to rejoin a room that the server does not know. */
  rejoin: number
}

export const realTiming: Timing = {
  now: () => performance.now(),
  after,
  random: Math.random,
  answer: 10_000,
  silence: 15_000,
  pong: 10_000,
  acknowledgement: 1_000,
  stable: 5_000,
  shortest: 500,
  longest: 30_000,
  rejoin: 30_000,
}

/** Calls `callback` after `seconds`. The returned function cancels the call. */
export const afterSeconds = (seconds: number, callback: () => void): (() => void) => after(seconds * 1_000, callback)

/**
 * Computes the wait before the next attempt: random, up to a maximum that doubles ("full jitter"). Otherwise all
 * clients of a restarted server would reconnect at the same moment.
 *
 * @param attempt number of failed attempts so far
 * @returns the wait in ms
 */
export const waitBefore = (attempt: number, { random, shortest, longest }: Timing): number =>
  random() * Math.min(longest, shortest * 2 ** attempt)
