import { costOf, pause } from '../load/cost.ts'
import { forEachOf, openOneOf } from '../load/many-clients.ts'
import { residentBytes, tellsUsage } from '../shared/process-usage.ts'
import type { IdleRequest } from './requests.ts'

export interface IdleResult {
  /** To open all of them, and have each one greeted. */
  seconds: number
  /** Processor time for each, in µs. */
  cpu?: number
  /** KiB of resident memory for each. */
  memory?: number
}

/** Opens as many as there may be, and lets them be. */
export async function idleConnections({ port, pid, dialect, connections, settle }: IdleRequest): Promise<IdleResult> {
  // What the first one makes a server load and compile is none of the others'.
  await openOneOf(0, port, dialect)
  await pause(settle / 4)
  const before = tellsUsage ? residentBytes(pid) : 0
  const { seconds, cpu } = await costOf(pid, () => forEachOf(connections, (i) => openOneOf(i, port, dialect)))
  await pause(settle)
  if (cpu === undefined) return { seconds }
  return { seconds, cpu: (cpu / connections) * 1e6, memory: (residentBytes(pid) - before) / connections / 1_024 }
}
