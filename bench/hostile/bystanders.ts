/**
 * Clients that an attack should not affect, in their own process. Its one argument is a `BystandersRequest` as JSON. It
 * sends its parent `Seen` when all clients are in their rooms, and again on each message. Before it answers `settle`, it
 * stops sending, and waits for all signals and until nothing else arrives.
 */
import process from 'node:process'
import type { DialectName } from '../dialects/dialect.ts'
import { type Client, openClient } from '../load/client.ts'
import { pause } from '../load/cost.ts'
import { forEachOf } from '../load/many-clients.ts'
import { inFlightOf, openPairs, sendAtRate, trafficOf } from '../relay/pairs.ts'
import { quantile } from '../shared/statistics.ts'
import { CROWD } from './attacks.ts'

export interface BystandersRequest {
  /** Origin of the server, such as `ws://127.0.0.1:40123`. */
  origin: string
  dialect: DialectName
  /** Pairs of clients that relay to each other, each pair in its own room. */
  pairs: number
  /** Signals that each of them sends in a second. */
  rate: number
  /** Clients in one room that only receive. They also listen to all other rooms. */
  crowd: number
}

/** What the clients have received since the last answer. */
export interface Seen {
  /** The 99th percentile of the time from one client's send to the other's receipt, in ms. Undefined without signals. */
  p99: number | undefined
  /** Bytes of messages other than their signals. */
  bytes: number
  /** Signals that are on their way, and connections that the server closed. */
  lost: number
}

/** Longest wait for signals in flight, in ms. */
const ARRIVAL_TIMEOUT = 120_000

/** When so many seconds pass without a message, no more will come. */
const SILENCE = 0.3

const { origin, dialect, pairs: count, rate, crowd } = JSON.parse(process.argv[2] as string) as BystandersRequest
let [bytes, lost] = [0, 0]
let latencies: number[] = []

const pairs = await openPairs(origin, dialect, count)
const traffic = trafficOf(pairs, 'offer, 600 B')
traffic.latencies = latencies
const members = await forEachOf(crowd, async () => {
  const client = await openClient(origin, dialect)
  await client.talk(async (wire) => {
    await client.speaker.enter(wire, CROWD)
    await client.speaker.subscribe?.(wire)
  })
  return client
})
for (const client of [...pairs.flatMap(({ clients }) => clients), ...members]) follow(client)
const stop = sendAtRate(traffic, 2 * count * rate)

process.on('message', async (message) => {
  if (message === 'settle') {
    stop()
    const end = performance.now() + ARRIVAL_TIMEOUT
    for (let before = -1; (inFlightOf(traffic) > 0 || bytes !== before) && performance.now() < end; ) {
      before = bytes
      await pause(SILENCE)
    }
  }
  process.send?.(look())
})
process.on('disconnect', () => process.exit())
process.send?.(look())

/** Counts what a client receives besides its signals, and notices its end. */
function follow(client: Client): void {
  const { onmessage } = client
  client.onmessage = (data) => {
    const before = traffic.delivered
    onmessage(data)
    if (traffic.delivered === before) bytes += data.length
  }
  client.onclose = () => lost++
}

function look(): Seen {
  latencies.sort((one, other) => one - other)
  const seen = {
    p99: latencies.length > 0 ? quantile(latencies, 0.99) : undefined,
    bytes,
    lost: lost + inFlightOf(traffic),
  }
  bytes = 0
  latencies = []
  traffic.latencies = latencies
  return seen
}
