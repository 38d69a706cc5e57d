/** Calls `callback` every `ms` milliseconds. The timer does not keep the process alive. @returns what `clearInterval` takes */
export function every(ms: number, callback: () => void): ReturnType<typeof setInterval> {
  const timer = setInterval(callback, ms)
  // Browsers' types have no `unref`.
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}
