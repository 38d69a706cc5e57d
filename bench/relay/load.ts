/**
 * The load generator, a process of its own: relays signals between pairs of clients, and says what that cost the server.
 * Its one argument is a `LoadRequest` as JSON; it prints a `LoadResult`.
 */
import process from 'node:process'
import type { DialectName } from '../dialects/dialect.ts'
import { pause } from '../load/cost.ts'
import { cpuSeconds, tellsUsage } from '../shared/process-usage.ts'
import type { SignalName } from '../shared/signals.ts'
import { quantile } from '../shared/statistics.ts'
import { openPairs, type Traffic, trafficOf } from './pairs.ts'

export interface LoadRequest {
  /** Such as `ws://127.0.0.1:40123`. */
  origin: string
  /** The server's process. */
  pid: number
  dialect: DialectName
  pairs: number
  /** Signals on their way at once in each direction of a pair. */
  inFlight: number
  saturate: SignalName[]
  /** Signals at this rate in all, per second, whether or not the ones before have come. */
  steady: { signal: SignalName; rate: number }
  /** Of what is measured, and of what goes before, in seconds. */
  seconds: number
  warmUp: number
}

/** All there is to tell of one kind of signal. CPU is left out where the system does not tell it. */
export interface Load {
  /** Signals a second that came. */
  rate: number
  /** Processor time of the server for each, in µs. */
  cpu?: number
  /** How much of one processor the server and the generator took: the limit is what takes all of it. */
  serverShare?: number
  generatorShare: number
  /** Milliseconds. */
  p50: number
  p99: number
}

export interface LoadResult {
  saturated: Record<string, Load>
  steady: Load
}

/** Longest wait for what is on its way, in seconds. */
const PATIENCE = 30

const request = JSON.parse(process.argv[2] as string) as LoadRequest
const pairs = await openPairs(request.origin, request.dialect, request.pairs)
const saturated: LoadResult['saturated'] = {}
for (const signal of request.saturate) saturated[signal] = await measure(trafficOf(pairs, signal), saturate)
const { signal, rate } = request.steady
const result: LoadResult = {
  saturated,
  steady: await measure(trafficOf(pairs, signal), (traffic) => send(traffic, rate)),
}
console.log(JSON.stringify(result))
process.exit()

/** @param begin starts the traffic; what it returns stops it */
async function measure(traffic: Traffic, begin: (traffic: Traffic) => () => void): Promise<Load> {
  const stop = begin(traffic)
  await pause(request.warmUp)
  const before = look(traffic)
  const latencies: number[] = []
  traffic.latencies = latencies
  const deadline = performance.now() + PATIENCE * 1_000
  // A short time may pass with nothing in it where the machine has much else to do.
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

/** As much as goes: each signal that comes makes room for the next one in its direction. */
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

/** As much as was said, in turns; late signals are made up for, and none waits for another. */
function send(traffic: Traffic, rate: number): () => void {
  const start = performance.now()
  let sent = 0
  let timer: ReturnType<typeof setTimeout>
  const due = (): void => {
    const count = Math.floor(((performance.now() - start) / 1_000) * rate)
    for (; sent < count; sent++) traffic.directions[sent % traffic.directions.length]?.send()
    timer = setTimeout(due, 1)
  }
  due()
  return () => clearTimeout(timer)
}

interface Look {
  /** Seconds. */
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

/** @throws Error where a signal never comes */
async function settled(traffic: Traffic): Promise<void> {
  const deadline = performance.now() + PATIENCE * 1_000
  for (;;) {
    if (traffic.fault !== undefined) throw traffic.fault
    const missing = traffic.directions.reduce((sum, { inFlight }) => sum + inFlight, 0)
    if (missing === 0) return
    if (performance.now() > deadline) throw new Error(`${missing} signals never came`)
    await pause(0.01)
  }
}
