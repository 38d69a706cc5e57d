import { type Now, now } from './now.ts'

/** What waiting needs of the outside. */
export interface Timers {
  /** Calls back once the task is over. */
  endOfTask(callback: () => void): void
  /** Calls back in so many ms; what it returns forgets it. */
  after(ms: number, callback: () => void): () => void
  now: Now
}

export const platformTimers: Timers = { endOfTask: (callback) => queueMicrotask(callback), after, now }

/** Calls back so many ms later, unless what it returns is called before. */
export function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
