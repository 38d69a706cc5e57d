import type { Histogram } from './histogram.ts'

/** Between two looks, in milliseconds. */
const STEP = 500

/**
 * Measures how late the event loop runs what is due: by so much every message waits too.
 *
 * @returns stops it
 */
export function watchEventLoop(lag: Histogram): () => void {
  let due = performance.now() + STEP
  const timer = setInterval(() => {
    const now = performance.now()
    lag.observe(Math.max(0, now - due) / 1_000)
    due = now + STEP
  }, STEP)
  // Nothing waits for it. Browsers' types know no `unref`.
  ;(timer as { unref?: () => void }).unref?.()
  return () => clearInterval(timer)
}
