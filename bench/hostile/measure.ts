import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { DialectName } from '../dialects/dialect.ts'
import { pause } from '../load/cost.ts'
import { peakBytes, tellsUsage } from '../shared/process-usage.ts'
import { root, runtimes, startServer } from '../shared/processes.ts'
import type { AttackBytes } from './attacker.ts'
import { type Attack, allAttacks } from './attacks.ts'
import type { BystandersRequest, Seen } from './bystanders.ts'

export interface AttackOptions {
  /** The command that starts the server on a port. */
  command(port: number): string[]
  /** How the other clients speak to it. */
  dialect: DialectName
  /** Name of one of `allAttacks`. */
  attack: string
  /** Hostile clients. */
  hostile: number
  /** Part of each crowd that comes, above 0. Each hostile client then waits for as many more answers. */
  share: number
  /** Pairs of other clients, and the signals that each client sends in a second. */
  pairs: number
  rate: number
  /** Duration of the measurements without and with the attack, in seconds. */
  quiet: number
  seconds: number
  /**
   * Whether the hostile process has the lowest priority (nice 19) and the crowd a low one (nice 10), as if both ran on
   * machines of their own. Otherwise latencies mean nothing where they share processors with the server.
   */
  yields: boolean
}

export interface AttackResult {
  /** The 99th percentile of the others' relay times without and with the attack, in ms. */
  quiet: number | undefined
  attacked: number | undefined
  /** The server's peak of resident memory, in bytes. Undefined if the system has no /proc. */
  memory: number | undefined
  /** Bytes that the server sent to anybody because of the attack, for each byte that the hostile clients sent. */
  amplification: number
  /** Those bytes beyond 50 for each byte in, for each WebSocket that the hostile clients have opened. */
  unearned: number
  /** Signals and connections that the others lost. */
  lost: number
  /** Requests that the server did not answer after the attack, of one. */
  unanswered: number
}

/** Bytes that the server sends for each byte from a client, in the long run: see PROTOCOL.md, Cost. */
const EARNED = 50
/** Longest wait for the first byte of an attack, and for the answers that it needs, in ms. */
const ATTACK_TIMEOUT = 60_000
/** Timeout for the server's answer after an attack, in ms. */
const ANSWER_TIMEOUT = 60_000

/** Starts a server, and attacks it while other clients use it. */
export async function measureAttack(options: AttackOptions): Promise<AttackResult> {
  const { command, dialect, attack, hostile, share, pairs, rate, quiet, seconds, yields } = options
  const { pid, port, stop } = await startServer({ command })
  const children: ChildProcess[] = []
  const start = (file: string, ...args: string[]): ChildProcess => {
    const path = fileURLToPath(new URL(file, import.meta.url))
    const child = fork(path, args, { cwd: root, execPath: runtimes.node, execArgv: [] })
    children.push(child)
    return child
  }
  const bystanders = async (some: Pick<BystandersRequest, 'pairs' | 'crowd'>): Promise<ChildProcess> => {
    const request: BystandersRequest = { ...some, origin: `ws://127.0.0.1:${port}`, dialect, rate }
    const child = start('bystanders.ts', JSON.stringify(request))
    await reply<Seen>(child)
    return child
  }
  try {
    const whole = allAttacks[attack] as Attack
    const crowd = Math.ceil((whole.crowd ?? 0) * share)
    const answers = (whole.answers ?? 0) / share
    const groups = [await bystanders({ pairs, crowd: 0 })]
    if (crowd > 0) {
      const group = await bystanders({ pairs: 0, crowd })
      if (yields) setPriority(group.pid as number, 10)
      groups.push(group)
    }
    await Promise.all(groups.map((group) => ask<Seen>(group)))
    await pause(quiet)
    const [before] = await Promise.all(groups.map((group) => ask<Seen>(group)))
    const attacker = start('attacker.ts', String(port), String(hostile), attack)
    if (yields) setPriority(attacker.pid as number, 19)
    const deadline = performance.now() + ATTACK_TIMEOUT
    let bytes: AttackBytes
    // On a busy machine, the attack may begin late.
    do {
      await pause(seconds)
      bytes = await ask<AttackBytes>(attacker)
    } while ((bytes.sent === 0 || bytes.answers < answers * hostile) && performance.now() < deadline)
    await end(attacker)
    // The crowd is last: when the signals of the others have arrived, the server has caught up.
    const after: Seen[] = []
    for (const group of groups) after.push(await ask<Seen>(group, 'settle'))
    const memory = tellsUsage ? peakBytes(pid) : undefined
    // Without an attack, the others receive nothing but signals and acknowledgements.
    const out = after.reduce((sum, { bytes }) => sum + bytes, bytes.received)
    return {
      quiet: before?.p99,
      attacked: after[0]?.p99,
      memory,
      amplification: out / bytes.sent,
      unearned: Math.max(0, out - EARNED * bytes.sent) / Math.max(1, bytes.connections),
      lost: after.reduce((sum, { lost }) => sum + lost, 0),
      unanswered: (await isWell(port)) ? 0 : 1,
    }
  } finally {
    for (const child of children) await end(child)
    await stop()
  }
}

async function isWell(port: number): Promise<boolean> {
  try {
    const { ok } = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT) })
    return ok
  } catch {
    // The connection was refused or cut, or the time is over.
    return false
  }
}

function ask<Answer>(child: ChildProcess, message = 'look'): Promise<Answer> {
  const answer = reply<Answer>(child)
  child.send(message)
  return answer
}

/** @throws Error if the process ends instead */
async function reply<Answer>(child: ChildProcess): Promise<Answer> {
  const over = new AbortController()
  const { signal } = over
  const exited = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`)
  })
  try {
    const [answer] = (await Promise.race([once(child, 'message', { signal }), exited])) as [Answer]
    return answer
  } finally {
    exited.catch(() => {})
    over.abort()
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
