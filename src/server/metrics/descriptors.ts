import { every } from './interval.ts'
import type { Log } from './log.ts'
import type { ServerMetrics } from './server-metrics.ts'

/** Time between two looks, and the shortest time between two log lines, in milliseconds. */
const STEP = 1_000
const LOG_STEP = 60_000

export interface DescriptorWatch {
  /** Call this if the runtime could not accept a connection. */
  failed(cause: Error): void
  stop(): void
}

/**
 * Counts and logs that no file descriptor is free. The system then gives the server no new connection, and most runtimes
 * report nothing.
 *
 * @param isFree whether a descriptor is free
 */
export function watchDescriptors(isFree: () => Promise<boolean>, metrics: ServerMetrics, log: Log): DescriptorWatch {
  let logged = Number.NEGATIVE_INFINITY
  const report = (message: string): void => {
    metrics.notAccepting++
    if (performance.now() - logged < LOG_STEP) return
    logged = performance.now()
    log.write('error', 'not accepting', { message })
  }
  const failed = (cause: Error): void => report(`Cannot accept a connection: ${cause.message}`)
  const look = async (): Promise<void> => {
    if (!(await isFree())) report('Cannot accept connections: the limit of open files is reached (ulimit -n)')
  }
  const timer = every(STEP, () => look().catch(failed))
  return { failed, stop: () => clearInterval(timer) }
}
