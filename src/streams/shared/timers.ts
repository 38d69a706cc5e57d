import { type Now, now } from './now.ts'

/** The timers and the clock of the platform. Tests replace them. */
export interface Timers {
  /** Calls `callback` at the end of the current task. */
  endOfTask(callback: () => void): void
  /** Calls `callback` after `ms` milliseconds. The returned function cancels the call. */
  after(ms: number, callback: () => void): () => void
  /** The time, in seconds since 1970. */
  now: Now
}

export const platformTimers: Timers = { endOfTask: (callback) => queueMicrotask(callback), after, now }

/** Calls `callback` after `ms` milliseconds. The returned function cancels the call. */
export function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
