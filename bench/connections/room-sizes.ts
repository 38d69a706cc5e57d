import type { Client } from '../load/client.ts'
import { costEach, costOf } from '../load/cost.ts'
import { forEachOf, openOneOf } from '../load/many-clients.ts'
import { makeSignal } from '../shared/signals.ts'
import { comeAndGo, enter, leave, microseconds } from './entering.ts'
import type { RoomRequest, SizesRequest } from './requests.ts'

export interface RoomResult {
  /** Processor time in µs: of one of those who fill the room, of one signal to each other in it, of one who goes. */
  join?: number
  broadcast?: number
  leave?: number
  /** Until the room is full, until all others have the signal, and until it is empty. */
  joinSeconds: number
  broadcastSeconds: number
  leaveSeconds: number
}

/** One alone takes less than a few of the steps that processor time is counted in. */
const BROADCASTS = 10

/** A room that fills, in which one tells all others something, and that empties. */
export async function roomOf({ port, pid, dialect, size }: RoomRequest): Promise<RoomResult> {
  const clients = await forEachOf(size, (i) => openOneOf(i, port, dialect))
  const addresses: (number | string)[] = []
  const joins = await costOf(pid, () =>
    forEachOf(size, async (i) => {
      const { talk, speaker } = clients[i] as Client
      addresses[i] = await talk((wire) => speaker.enter(wire, 'large'))
    }),
  )
  const metadata = makeSignal('offer, 600 B', '1000000000')
  const [sender, ...others] = clients as [Client, ...Client[]]
  const broadcast = await costOf(pid, async () => {
    for (let i = 0; i < BROADCASTS; i++) {
      const arrived = others.map(heard)
      for (const address of addresses.slice(1)) sender.socket.send(sender.speaker.encode(address, metadata))
      await Promise.all(arrived)
    }
  })
  const leaves = await costOf(pid, () => forEachOf(size, (i) => leave(clients[i] as Client)))
  const each = ({ cpu }: { cpu?: number }, of = size): number | undefined =>
    microseconds(cpu === undefined ? cpu : cpu / of)
  return {
    join: each(joins),
    broadcast: each(broadcast, others.length * BROADCASTS),
    leave: each(leaves),
    joinSeconds: joins.seconds,
    broadcastSeconds: broadcast.seconds / BROADCASTS,
    leaveSeconds: leaves.seconds,
  }

  function heard(client: Client): Promise<void> {
    return new Promise((resolve, reject) => {
      client.onclose = reject
      client.onmessage = (data) => {
        const signal = client.speaker.decode(data)
        if (signal === undefined) return
        client.onmessage = () => {}
        if (JSON.stringify(signal) === JSON.stringify(metadata)) resolve()
        else reject(new Error(`What came is not what was sent: ${JSON.stringify(signal)}`))
      }
    })
  }
}

/** Of rooms of each size: the µs that it takes one more to enter and to leave again. */
export type SizesResult = [size: number, cpu: number | undefined][]

/** Those who enter and leave, each a room of its own. */
const WORKERS = 4

export async function roomSizes({ port, pid, dialect, sizes, seconds }: SizesRequest): Promise<SizesResult> {
  const workers = await forEachOf(WORKERS, (i) => openOneOf(i, port, dialect))
  const result: SizesResult = []
  let size = 0
  const turn = comeAndGo(workers)
  // What is done for the first time takes longer.
  await costEach(pid, seconds, WORKERS, turn)
  for (const next of sizes) {
    const missing = (next - size) * WORKERS
    await forEachOf(missing, async (i) => enter(await openOneOf(i, port, dialect), `room ${i % WORKERS}`))
    size = next
    const { cpu } = await costEach(pid, seconds, WORKERS, turn)
    result.push([size, microseconds(cpu)])
  }
  return result
}
