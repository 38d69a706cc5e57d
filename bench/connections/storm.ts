import { type Cost, costEach, costOf, sum } from '../load/cost.ts'
import { forEachOf, openOneOf } from '../load/many-clients.ts'
import { comeAndGo, enter, microseconds } from './entering.ts'
import type { StormRequest } from './requests.ts'

export interface StormResult {
  /** Time until all users are in their rooms. */
  seconds: number
  /** Processor time of the server for each user, in µs. */
  cpu?: number
  /** For each measurement: the number of users, and the processor time in µs for one more to join and leave a room. */
  looks: [users: number, cpu: number | undefined][]
}

/** Clients that join and leave during a measurement, each in its own room. */
const WORKERS = 4

/** Fills all rooms at once, as when a server has restarted and all users reconnect. */
export async function storm({ port, pid, dialect, rooms, joins, looks, seconds }: StormRequest): Promise<StormResult> {
  // The workers connect first. They are in no room while others join.
  const workers = await forEachOf(WORKERS, (i) => openOneOf(i, port, dialect))
  const segments: Cost[] = []
  const looked: StormResult['looks'] = []
  let users = 0
  const turn = comeAndGo(workers)
  // Warm up: the first turns take longer.
  await costEach(pid, seconds, WORKERS, turn)
  for (const until of new Set([...looks, rooms * joins])) {
    const from = users
    const come = async (i: number): Promise<void> => {
      const client = await openOneOf(i, port, dialect)
      // Fill one room after the other, so that at each measurement all rooms but one are full.
      await enter(client, `room ${Math.floor((from + i) / joins)}`)
    }
    segments.push(await costOf(pid, () => forEachOf(until - from, come)))
    users = until
    if (!looks.includes(until)) continue
    const { cpu } = await costEach(pid, seconds, WORKERS, turn)
    looked.push([users, microseconds(cpu)])
  }
  const total = sum(segments)
  const cpu = microseconds(total.cpu)
  return { seconds: total.seconds, ...(cpu === undefined ? {} : { cpu: cpu / (rooms * joins) }), looks: looked }
}
