/**
 * The load generator, which runs in its own process. It sends signals between pairs of clients and measures what they
 * cost the server. Its one argument is a `LoadRequest` as JSON; it prints a `LoadResult`.
 */
import process from 'node:process'
import type { DialectName } from '../dialects/dialect.ts'
import { pause } from '../load/cost.ts'
import { cpuSeconds, tellsUsage } from '../shared/process-usage.ts'
import type { SignalName } from '../shared/signals.ts'
import { quantile } from '../shared/statistics.ts'
import { inFlightOf, openPairs, sendAtRate, type Traffic, trafficOf } from './pairs.ts'

export interface LoadRequest {
  /** Origin of the server, such as `ws://127.0.0.1:40123`. */
  origin: string
  /** Process id of the server. */
  pid: number
  dialect: DialectName
  pairs: number
  /** Signals in flight in each direction of a pair. */
  inFlight: number
  saturate: SignalName[]
  /** Total rate in signals per second. Sending does not wait for earlier signals to arrive. */
  steady: { signal: SignalName; rate: number }
  /** Duration of the measurement, in seconds. */
  seconds: number
  /** Time before the measurement, in seconds. */
  warmUp: number
}

/** Results for one kind of signal. Without /proc, the server's processor time is missing. */
export interface Load {
  /** Signals received per second. */
  rate: number
  /** Processor time of the server for each signal, in µs. */
  cpu?: number
  /** Shares of one processor that the server and the generator used. The one near 1 limits the rate. */
  serverShare?: number
  generatorShare: number
  /** Latency in milliseconds. */
  p50: number
  p99: number
}

export interface LoadResult {
  saturated: Record<string, Load>
  steady: Load
}

/** Longest wait for signals in flight, in seconds. */
const ARRIVAL_TIMEOUT = 30

const request = JSON.parse(process.argv[2] as string) as LoadRequest
const pairs = await openPairs(request.origin, request.dialect, request.pairs)
const saturated: LoadResult['saturated'] = {}
for (const signal of request.saturate) saturated[signal] = await measure(trafficOf(pairs, signal), saturate)
const { signal, rate } = request.steady
const result: LoadResult = {
  saturated,
  steady: await measure(trafficOf(pairs, signal), (traffic) => sendAtRate(traffic, rate)),
}
console.log(JSON.stringify(result))
process.exit()

/** @param begin starts the traffic and returns a function that stops it */
async function measure(traffic: Traffic, begin: (traffic: Traffic) => () => void): Promise<Load> {
  const stop = begin(traffic)
  await pause(request.warmUp)
  const before = look(traffic)
  const latencies: number[] = []
  traffic.latencies = latencies
  const deadline = performance.now() + ARRIVAL_TIMEOUT * 1_000
  // On a busy machine, a short measurement may contain no signal. Then measure longer.
  do await pause(request.seconds)
  while (traffic.delivered === before.delivered && performance.now() < deadline)
  const after = look(traffic)
  traffic.latencies = undefined
  stop()
  await settled(traffic)
  const seconds = after.at - before.at
  const delivered = after.delivered - before.delivered
  if (delivered === 0) throw new Error('Nothing came')
  latencies.sort((one, other) => one - other)
  const server = tellsUsage
    ? { cpu: ((after.server - before.server) / delivered) * 1e6, serverShare: (after.server - before.server) / seconds }
    : {}
  return {
    rate: delivered / seconds,
    ...server,
    generatorShare: (after.generator - before.generator) / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  }
}

/** Sends as fast as possible: each signal that arrives triggers the next one in its direction. */
function saturate(traffic: Traffic): () => void {
  let stopped = false
  traffic.ondelivered = (direction) => {
    if (!stopped) direction.send()
  }
  for (const direction of traffic.directions) for (let i = 0; i < request.inFlight; i++) direction.send()
  return () => {
    stopped = true
  }
}

interface Look {
  /** Time of the reading, in seconds. */
  at: number
  server: number
  generator: number
  delivered: number
}

function look(traffic: Traffic): Look {
  if (traffic.fault !== undefined) throw traffic.fault
  const { user, system } = process.cpuUsage()
  return {
    at: performance.now() / 1_000,
    server: tellsUsage ? cpuSeconds(request.pid) : 0,
    generator: (user + system) / 1e6,
    delivered: traffic.delivered,
  }
}

/** Waits until all signals have arrived. Throws if one does not arrive within 30 s. */
async function settled(traffic: Traffic): Promise<void> {
  const deadline = performance.now() + ARRIVAL_TIMEOUT * 1_000
  for (;;) {
    if (traffic.fault !== undefined) throw traffic.fault
    const missing = inFlightOf(traffic)
    if (missing === 0) return
    if (performance.now() > deadline) throw new Error(`${missing} signals never came`)
    await pause(0.01)
  }
}
