/**
 * Waits for a task until a signal aborts. The task itself continues.
 *
 * @param signal without one, nothing aborts the wait
 * @returns the task's result; rejects with the signal's reason if that comes first. A signal that has aborted already
 *   starts no task
 */
export function unlessAborted<Result>(signal: AbortSignal | undefined, task: () => Promise<Result>): Promise<Result> {
  if (signal === undefined) return task()
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
    task()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
