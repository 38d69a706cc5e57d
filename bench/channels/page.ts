/** Runs in the pages. One page sends; the other page has all receivers. */

import { bare, json } from './bare.ts'
import { connections } from './connections.ts'
import { ours } from './ours.ts'
import { peerjs } from './peerjs.ts'
import { simplePeer } from './simple-peer.ts'
import type { Samples, Sending, Signals, Transport, Way } from './transport.ts'

export type TransportName = 'ours' | 'bare' | 'simplePeer' | 'peerjs' | 'json'
export type Plan = Omit<Way, 'signals'> & { transport: TransportName }

/** Times at which a number of samples had been pushed or received, in ms of the machine's clock. */
export type Log = [samples: number, at: number][]

export interface Page {
  receive(plan: Plan): Promise<void>
  send(plan: Plan): Promise<void>
  /** Pushes the samples that are due, every 20 ms, for this many seconds. */
  live(seconds: number): Promise<{ pushed: Log; start: number; bytes: number }>
  /** Pushes this many samples as fast as the transport accepts them. */
  bulk(samples: number): Promise<Log>
  /** Resolves when each receiver has this many samples. */
  received(samples: number): Promise<Log>
  signal(receiver: number, signal: unknown): void
}

declare global {
  var bench: Page
  /** Delivers a signal to the other page. */
  var carry: (receiver: number, signal: unknown) => Promise<void>
}

/** Each value is the number of its sample, modulo this: the range of an int16. */
const WRAP = 32_768
/** Interval between pushes, in ms. */
const TICK = 20
/** Most samples of a block, in ms. A late sender catches up with several blocks. */
const LATE = 100
const BULK_BYTES = 131_072

const transports: Readonly<Record<TransportName, Transport>> = { ours, bare, simplePeer, peerjs, json }
const listeners = new Map<number, (signal: unknown) => void>()
const early = new Map<number, unknown[]>()
const signals: Signals = {
  send: (receiver, signal) => void globalThis.carry(receiver, signal),
  listen(receiver, listener) {
    listeners.set(receiver, listener)
    for (const signal of early.get(receiver) ?? []) listener(signal)
  },
}
const now = (): number => performance.timeOrigin + performance.now()

let plan: Plan
let sending: Sending
let counts: number[] = []
let failure: Error | undefined
const arrivals: Log = []
addEventListener('unhandledrejection', (event) => {
  failure ??= (event as PromiseRejectionEvent).reason as Error
})

globalThis.bench = {
  async receive(given) {
    plan = given
    counts = new Array(plan.receivers).fill(0)
    const transport = transports[plan.transport]
    await Promise.all(counts.map((_, i) => transport.receive({ ...plan, signals }, i, (values) => take(i, values))))
  },
  async send(given) {
    plan = given
    sending = await transports[plan.transport].send({ ...plan, signals })
  },
  async live(seconds) {
    const { rate } = plan
    const most = Math.ceil((rate * LATE) / 1_000)
    const pushed: Log = []
    const before = await sentBytes()
    const start = now()
    let sent = 0
    while (now() < start + seconds * 1_000) {
      const due = Math.floor(((now() - start) / 1_000) * rate)
      while (sent < due && now() < start + seconds * 1_000) {
        const samples = Math.min(due - sent, most)
        const values = block(sent, samples)
        const at = now()
        sending.push(values)
        sent += samples
        pushed.push([sent, at])
        if (sent < due) await sending.room()
      }
      await new Promise((resolve) => setTimeout(resolve, TICK))
    }
    return { pushed, start, bytes: (await sentBytes()) - before }
  },
  async bulk(samples) {
    const each = BULK_BYTES / 4 / plan.channels
    const start = now()
    for (let sent = 0; sent < samples; sent += each) {
      sending.push(block(sent, Math.min(each, samples - sent)))
      await sending.room()
    }
    return [[samples, start]]
  },
  async received(samples) {
    const deadline = now() + 60_000
    while (counts.some((count) => count < samples * plan.channels)) {
      if (failure !== undefined) throw failure
      if (now() > deadline) throw new Error(`${counts} values came of ${samples * plan.channels}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    if (failure !== undefined) throw failure
    if (counts.some((count) => count > samples * plan.channels)) throw new Error(`More came than was sent: ${counts}`)
    return arrivals
  },
  signal(receiver, signal) {
    const listener = listeners.get(receiver)
    if (listener !== undefined) listener(signal)
    else early.set(receiver, [...(early.get(receiver) ?? []), signal])
  },
}

function block(first: number, samples: number): Samples {
  const { format, channels } = plan
  const values = new (format === 'int16' ? Int16Array : Float32Array)(samples * channels)
  for (let at = 0, sample = first; at < values.length; sample++) {
    for (const end = at + channels; at < end; at++) values[at] = sample % WRAP
  }
  return values
}

/** Checks the first and the last value of the samples that arrived. */
function take(receiver: number, values: ArrayLike<number>): void {
  const before = counts[receiver] as number
  const after = before + values.length
  const expected = (value: number): number => Math.floor(value / plan.channels) % WRAP
  if (values[0] !== expected(before) || values[values.length - 1] !== expected(after - 1)) {
    failure ??= new Error(`A sample is not where it belongs: ${values[0]} came instead of ${expected(before)}`)
  }
  counts[receiver] = after
  const samples = Math.floor(after / plan.channels)
  if (receiver === 0 && samples > (arrivals.at(-1)?.[0] ?? 0)) arrivals.push([samples, now()])
}

/** Bytes sent on all data channels, as the browser counts them (W3C WebRTC statistics, `RTCDataChannelStats`). */
async function sentBytes(): Promise<number> {
  let bytes = 0
  for (const connection of connections) {
    for (const stats of (await connection.getStats()).values()) {
      if (stats.type === 'data-channel') bytes += (stats as { bytesSent: number }).bytesSent
    }
  }
  return bytes
}
