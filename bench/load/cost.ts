import { cpuSeconds, tellsUsage } from '../shared/process-usage.ts'

export interface Cost {
  /** Elapsed time. */
  seconds: number
  /** Processor time of the server, in seconds. Undefined if the system has no /proc. */
  cpu?: number
}

/** Measures the cost of `work` for the server with this process id. */
export async function costOf(pid: number, work: () => Promise<unknown>): Promise<Cost> {
  const [at, before] = [performance.now(), tellsUsage ? cpuSeconds(pid) : 0]
  await work()
  const seconds = (performance.now() - at) / 1_000
  return tellsUsage ? { seconds, cpu: cpuSeconds(pid) - before } : { seconds }
}

/** Repeats `work` with several workers for a number of seconds. Returns the mean cost of one call. */
export async function costEach(
  pid: number,
  seconds: number,
  workers: number,
  work: (worker: number) => Promise<unknown>,
): Promise<Cost> {
  let done = 0
  const end = performance.now() + seconds * 1_000
  const total = await costOf(pid, () =>
    Promise.all(
      Array.from({ length: workers }, async (_, worker) => {
        do {
          await work(worker)
          done++
        } while (performance.now() < end)
      }),
    ),
  )
  return { seconds: total.seconds / done, ...(total.cpu === undefined ? {} : { cpu: total.cpu / done }) }
}

export const sum = (costs: readonly Cost[]): Cost =>
  costs.reduce((one, other) => ({
    seconds: one.seconds + other.seconds,
    ...(one.cpu === undefined || other.cpu === undefined ? {} : { cpu: one.cpu + other.cpu }),
  }))

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
}
