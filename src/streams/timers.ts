import { type Now, now } from './now.ts'

/** What waiting needs of the outside. */
export interface Timers {
  /** Calls back once the task is over. */
  endOfTask(callback: () => void): void
  /** Calls back in so many ms; what it returns forgets it. */
  after(ms: number, callback: () => void): () => void
  now: Now
}

export const platformTimers: Timers = {
  endOfTask: (callback) => queueMicrotask(callback),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  now,
}
