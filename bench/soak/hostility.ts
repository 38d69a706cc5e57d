import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { decodeFrame, encodeFrame, Op, SUBPROTOCOL } from '../../mod.ts'
import { quantile } from '../shared/statistics.ts'
import type { Held } from './server.ts'

export interface Latencies {
  /** Milliseconds from one client's send to the other's receipt: the median and the 99th percentile. */
  median: number
  p99: number
  /** What the server was busy, of one processor; whatever else the machine does. */
  busy: number
}

export interface HostilityResult {
  quiet: Latencies[]
  hostile: Latencies[]
  /** Well-behaved clients that lost their connection, or a signal that never came. */
  harmed: number
  metrics: string
}

const PAIRS = 100
/** Between two signals of a pair. */
const PAUSE = 50

export interface HostilityOptions {
  rounds: number
  /** How long each round measures. */
  seconds: number
  /**
   * Whether the times are to say something: those who are hostile then get the processor time that nobody else wants, as
   * elsewhere they would have processors of their own. On a busy machine that is none at all.
   */
  timed: boolean
}

/** How long signals of well-behaved pairs take, without and with a hundred hostile connections, in turns. */
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
  const measure = async (): Promise<Latencies> => {
    const [before, start] = [(await held()).processor, performance.now()]
    const end = start + options.seconds * 1_000
    const times = (await Promise.all(pairs.map((pair) => pair.exchange(end)))).flat().sort((a, b) => a - b)
    const busy = ((await held()).processor - before) / ((performance.now() - start) / 1_000)
    return { median: quantile(times, 0.5), p99: quantile(times, 0.99), busy }
  }
  try {
    await measure()
    for (let round = 0; round < options.rounds; round++) {
      result.quiet.push(await measure())
      attacker = fork(fileURLToPath(new URL('hostile.ts', import.meta.url)), [url])
      if (options.timed) setPriority(attacker.pid as number, 19)
      // It says so when it is at it.
      await once(attacker, 'message')
      result.hostile.push(await measure())
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
  /** Signals until then; the time of each, in ms. */
  exchange(end: number): Promise<number[]>
  close(): void
}

/** Longest that a signal may take before it counts as lost, in ms. */
const PATIENCE = 60_000

function within(came: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), PATIENCE)
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
    async exchange(end) {
      const times: number[] = []
      await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE))
      while (performance.now() < end) {
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
      }
      return times
    },
    close() {
      for (const { socket } of [one, other]) socket.off('close', onharm).close()
    },
  }
}
