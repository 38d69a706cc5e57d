import { type Cost, costEach, costOf, sum } from '../load/cost.ts'
import { forEachOf, openOneOf } from '../load/many-clients.ts'
import { comeAndGo, enter, microseconds } from './entering.ts'
import type { StormRequest } from './requests.ts'

export interface StormResult {
  /** Until all are in their rooms. */
  seconds: number
  /** Processor time for each user that came, in µs. */
  cpu?: number
  /** At each look: users in all, and the µs that it then takes one more to enter a room of so many and to leave it again. */
  looks: [users: number, cpu: number | undefined][]
}

/** Those who enter and leave at a look, each a room of its own. */
const WORKERS = 4

/** All rooms fill at once, as when a server was restarted and everybody comes back. */
export async function storm({ port, pid, dialect, rooms, joins, looks, seconds }: StormRequest): Promise<StormResult> {
  // They are there from the beginning, and in no room while others come.
  const workers = await forEachOf(WORKERS, (i) => openOneOf(i, port, dialect))
  const segments: Cost[] = []
  const looked: StormResult['looks'] = []
  let users = 0
  const turn = comeAndGo(workers)
  // What is done for the first time takes longer.
  await costEach(pid, seconds, WORKERS, turn)
  for (const until of new Set([...looks, rooms * joins])) {
    const from = users
    const come = async (i: number): Promise<void> => {
      const client = await openOneOf(i, port, dialect)
      // One room after the other fills, so that at each look all rooms but one are full.
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
