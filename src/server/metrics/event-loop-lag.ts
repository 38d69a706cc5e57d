import type { Histogram } from './histogram.ts'

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
      timer = setInterval(() => {
        const now = performance.now()
        lag.observe(Math.max(0, now - due) / 1_000)
        due = now + STEP
      }, STEP)
      // The timer must not keep the process alive. Browsers' types have no `unref`.
      ;(timer as { unref?: () => void }).unref?.()
    },
    stop,
  }
}
