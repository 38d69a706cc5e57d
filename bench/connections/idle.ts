import { costOf, pause } from '../load/cost.ts'
import { forEachOf, openOneOf } from '../load/many-clients.ts'
import { residentBytes, tellsUsage } from '../shared/process-usage.ts'
import type { IdleRequest } from './requests.ts'

export interface IdleResult {
  /** Time until all connections are open and greeted. */
  seconds: number
  /** Processor time of the server for each connection, in µs. */
  cpu?: number
  /** Resident memory of the server for each connection, in KiB. */
  memory?: number
}

/** Opens all connections and leaves them idle. */
export async function idleConnections({ port, pid, dialect, connections, settle }: IdleRequest): Promise<IdleResult> {
  // Open one connection first: it makes the server load and compile code, which is not a cost of each connection.
  await openOneOf(0, port, dialect)
  await pause(settle / 4)
  const before = tellsUsage ? residentBytes(pid) : 0
  const { seconds, cpu } = await costOf(pid, () => forEachOf(connections, (i) => openOneOf(i, port, dialect)))
  await pause(settle)
  if (cpu === undefined) return { seconds }
  return { seconds, cpu: (cpu / connections) * 1e6, memory: (residentBytes(pid) - before) / connections / 1_024 }
}
