import type { Client } from '../load/client.ts'
import { costEach, costOf } from '../load/cost.ts'
import { forEachOf, openOneOf } from '../load/many-clients.ts'
import { makeSignal } from '../shared/signals.ts'
import { comeAndGo, enter, leave, microseconds } from './entering.ts'
import type { RoomRequest, SizesRequest } from './requests.ts'

export interface RoomResult {
  /** Processor time of the server in µs: for each join, each signal of a broadcast, and each leave. */
  join?: number
  broadcast?: number
  leave?: number
  /** Time until the room is full, until all others have the signal, and until the room is empty. */
  joinSeconds: number
  broadcastSeconds: number
  leaveSeconds: number
}

/** A single broadcast takes too little processor time: the system counts in steps of 10 ms. */
const BROADCASTS = 10

/** Fills a room, sends signals from one member to all others, and empties the room. */
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

/** For each size of a room: processor time in µs for one more user to join and leave. */
export type SizesResult = [size: number, cpu: number | undefined][]

/** Clients that join and leave, each in its own room. */
const WORKERS = 4

export async function roomSizes({ port, pid, dialect, sizes, seconds }: SizesRequest): Promise<SizesResult> {
  const workers = await forEachOf(WORKERS, (i) => openOneOf(i, port, dialect))
  const result: SizesResult = []
  let size = 0
  const turn = comeAndGo(workers)
  // Warm up: the first turns take longer.
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
