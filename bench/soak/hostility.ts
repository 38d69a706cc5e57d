import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { decodeFrame, encodeFrame, Op, SUBPROTOCOL } from '../../mod.ts'
import { quantile } from '../shared/statistics.ts'
import type { Held } from './server.ts'

export interface Latencies {
  /** Time from one client's send to the other's receipt, in ms: the median and the 99th percentile. */
  median: number
  p99: number
  /** Share of one processor that the server used. Other load on the machine does not affect it. */
  busy: number
}

export interface HostilityResult {
  quiet: Latencies[]
  hostile: Latencies[]
  /** Well-behaved clients that lost their connection, plus signals that never arrived. */
  harmed: number
  metrics: string
}

const PAIRS = 100
/** Time between two signals of a pair, in ms. */
const PAUSE = 50

export interface HostilityOptions {
  rounds: number
  /**
   * Duration of each measurement, in seconds. The hostile process then has the lowest priority (nice 19), as if it ran
   * on its own machine. Without it, latencies mean nothing: each hostile connection takes 60 turns instead, so that a
   * round ends on a busy machine, too.
   */
  seconds?: number
}

/** About the number of turns in two seconds on an idle machine. */
const TURNS = 60

/** Measures the latency between well-behaved pairs, alternately without and with a hundred hostile connections. */
export async function hostility(options: HostilityOptions): Promise<HostilityResult> {
  const server = fork(fileURLToPath(new URL('server.ts', import.meta.url)))
  const [url] = (await once(server, 'message')) as [string]
  let harmed = 0
  let attacker: ChildProcess | undefined
  const pairs = await Promise.all(Array.from({ length: PAIRS }, (_, i) => openPair(url, `pair ${i}`, () => harmed++)))
  const result: HostilityResult = { quiet: [], hostile: [], harmed: 0, metrics: '' }
  const held = async (): Promise<Held> => {
    const asked = once(server, 'message')
    server.send('what is held')
    return ((await asked) as [Held])[0]
  }
  const { rounds, seconds } = options
  const measure = async (over = passed(seconds ?? 0)): Promise<Latencies> => {
    const [before, start] = [(await held()).processor, performance.now()]
    const times = (await Promise.all(pairs.map((pair) => pair.exchange(over)))).flat().sort((a, b) => a - b)
    const busy = ((await held()).processor - before) / ((performance.now() - start) / 1_000)
    return { median: quantile(times, 0.5), p99: quantile(times, 0.99), busy }
  }
  try {
    await measure()
    for (let round = 0; round < rounds; round++) {
      result.quiet.push(await measure())
      const turns = seconds === undefined ? [String(TURNS)] : []
      attacker = fork(fileURLToPath(new URL('hostile.ts', import.meta.url)), [url, ...turns])
      if (seconds !== undefined) setPriority(attacker.pid as number, 19)
      let done = false
      attacker.on('message', (message) => {
        done ||= message === 'done'
      })
      // The hostile process sends a message when all its connections are open.
      await once(attacker, 'message')
      result.hostile.push(await measure(seconds === undefined ? () => done : undefined))
      attacker.disconnect()
      await once(attacker, 'exit')
    }
    const { metrics } = await held()
    for (const pair of pairs) pair.close()
    return { ...result, metrics, harmed }
  } finally {
    attacker?.kill()
    server.disconnect()
  }
}

interface Pair {
  /** Sends signals until `isOver`, at least one. Returns the latency of each, in ms. */
  exchange(isOver: () => boolean): Promise<number[]>
  close(): void
}

function passed(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1_000
  return () => performance.now() >= end
}

/** Time after which a signal counts as lost, in ms. */
const SIGNAL_TIMEOUT = 60_000

function within(came: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), SIGNAL_TIMEOUT)
    came.then(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}

async function openPair(url: string, room: string, onharm: () => void): Promise<Pair> {
  const open = async (): Promise<{ socket: WebSocket; id: number }> => {
    const socket = new WebSocket(`${url}signal`, SUBPROTOCOL, { perMessageDeflate: false })
    socket.on('error', () => {})
    let id = 0
    await new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const [op, body] = decodeFrame(new Uint8Array(data))
        if (op === Op.welcome) {
          id = (body as { id: number }).id
          socket.send(encodeFrame([Op.connect, 1, { room: { name: room }, create: true }]))
        } else if (op === Op.ok) resolve()
      })
    })
    socket.removeAllListeners('message')
    socket.on('close', onharm)
    return { socket, id }
  }
  const one = await open()
  const other = await open()
  let arrived: () => void = () => {}
  other.socket.on('message', (data: Buffer) => {
    if (data[1] === Op.data) arrived()
  })
  return {
    async exchange(isOver) {
      const times: number[] = []
      await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE))
      do {
        const start = performance.now()
        const came = new Promise<void>((resolve) => {
          arrived = resolve
        })
        one.socket.send(encodeFrame([Op.data, other.id, start]))
        if (!(await within(came))) {
          onharm()
          return times
        }
        times.push(performance.now() - start)
        await new Promise((resolve) => setTimeout(resolve, PAUSE))
      } while (!isOver())
      return times
    },
    close() {
      for (const { socket } of [one, other]) socket.off('close', onharm).close()
    },
  }
}
