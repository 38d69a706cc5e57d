import type { Histogram } from './histogram.ts'

/** Between two looks, in milliseconds. */
const STEP = 500

export interface EventLoopWatch {
  start(): void
  stop(): void
}

/** Measures, while it is started, how late the event loop runs what is due: by so much every message waits too. */
export function watchEventLoop(lag: Histogram): EventLoopWatch {
  let timer: ReturnType<typeof setInterval> | undefined
  const stop = () => clearInterval(timer)
  return {
    start() {
      stop()
      let due = performance.now() + STEP
      timer = setInterval(() => {
        const now = performance.now()
        lag.observe(Math.max(0, now - due) / 1_000)
        due = now + STEP
      }, STEP)
      // Nothing waits for it. Browsers' types know no `unref`.
      ;(timer as { unref?: () => void }).unref?.()
    },
    stop,
  }
}
