import type { Histogram } from './histogram.ts'
import { every } from './interval.ts'

/** Time between two measurements, in milliseconds. */
const STEP = 500

export interface EventLoopWatch {
  start(): void
  stop(): void
}

/** Measures how late the event loop runs a timer, between `start` and `stop`. Every message waits this long too. */
export function watchEventLoop(lag: Histogram): EventLoopWatch {
  let timer: ReturnType<typeof setInterval> | undefined
  const stop = () => clearInterval(timer)
  return {
    start() {
      stop()
      let due = performance.now() + STEP
      timer = every(STEP, () => {
        const now = performance.now()
        lag.observe(Math.max(0, now - due) / 1_000)
        due = now + STEP
      })
    },
    stop,
  }
}
