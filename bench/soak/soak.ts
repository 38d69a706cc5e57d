import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Faults, SoakClient } from './client.ts'
import type { Held } from './server.ts'

export interface SoakOptions {
  connections: number
  rooms: number
  seconds: number
  log(line: string): void
}

export interface SoakResult {
  faults: Faults
  /** What the server held in the second half of the run, at regular times, with all connections open. */
  halves: Held[]
  /** What the server held after all clients were gone. */
  left: Held
  /** Signals sent and received, and clients that were replaced. */
  sent: number
  received: number
  churned: number
}

/** Share of the clients replaced each second. Every other one disconnects without a closing handshake. */
const CHURN = 0.01
/** Signals per second of each client. */
const SIGNALS = 0.2
/** Clients that connect at the same time. */
const BATCH = 100
/** Interval between two steps of the run, in ms. */
const STEP = 100
/** Files that a process has open besides its connections, including old connections that are still closing. */
const OTHER_FILES = 200

/**
 * Fills one server with clients in rooms. The clients send signals, and some are replaced. At the end, all disconnect.
 *
 * @throws Error if the limit on open files is too low for the connections
 */
export async function soak({ connections, rooms, seconds, log }: SoakOptions): Promise<SoakResult> {
  checkFiles(connections)
  const child = fork(fileURLToPath(new URL('server.ts', import.meta.url)))
  const [url] = (await once(child, 'message')) as [string]
  const faults: Faults = new Map()
  const result = { faults, halves: [] as Held[], sent: 0, received: 0, churned: 0 }
  const make = (i: number): SoakClient => new SoakClient(url, `room ${i % rooms}`, i % 3 === 0, faults)
  try {
    const clients: SoakClient[] = []
    while (clients.length < connections) {
      const batch = Array.from({ length: Math.min(BATCH, connections - clients.length) }, (_, i) =>
        make(clients.length + i),
      )
      await Promise.all(batch.map(({ joined }) => joined))
      clients.push(...batch)
    }
    const full = await ask(child)
    log(`${full.users} connections in ${full.rooms} rooms: ${megabytes(full.memory)}`)

    const start = performance.now()
    let looked = start
    for (let now = start; now - start < seconds * 1_000; now = performance.now()) {
      const goes = Math.max(1, Math.round((connections * CHURN * STEP) / 1_000))
      const replaced = Array.from({ length: goes }, async () => {
        const i = Math.floor(Math.random() * clients.length)
        const old = clients[i] as SoakClient
        clients[i] = make(i)
        result.received += old.received
        result.churned++
        await old.leave(result.churned % 2 === 0)
      })
      for (let i = (connections * SIGNALS * STEP) / 1_000; i > 0; i--) {
        const client = clients[Math.floor(Math.random() * clients.length)] as SoakClient
        if (client.signal({ candidate: 'x'.repeat(200) })) result.sent++
      }
      await Promise.all([...replaced, new Promise((resolve) => setTimeout(resolve, STEP))])
      if (now - looked < Math.max(1_000, seconds * 10)) continue
      looked = now
      const held = await ask(child)
      log(
        `${Math.round((now - start) / 1_000)} s: ${held.users} users, ${megabytes(held.memory)}, ${megabytes(held.resident)} resident${told(faults)}`,
      )
      if (now - start > seconds * 500) result.halves.push(held)
    }
    for (const client of clients) result.received += client.received
    await Promise.all(clients.map((client, i) => client.leave(i % 2 === 0)))
    return { ...result, left: await emptied(child, log) }
  } finally {
    child.disconnect()
  }
}

/** Checks the limit on open files. All clients are one process, the server another; a connection is a file in each. */
function checkFiles(connections: number): void {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files: { soft: number | 'unlimited' } } }
  const most = userLimits?.open_files.soft ?? 'unlimited'
  const wanted = Math.ceil(connections * (1 + CHURN)) + OTHER_FILES
  if (most === 'unlimited' || most >= wanted) return
  throw new Error(
    `Cannot open ${connections} connections as a process may have ${most} files open: ulimit -n ${wanted}`,
  )
}

/** Waits until the grace times of empty rooms and disconnected sessions are over, for at most 20 s. */
async function emptied(child: ChildProcess, log: SoakOptions['log']): Promise<Held> {
  for (let i = 0; ; i++) {
    const held = await ask(child)
    const rest = held.users + held.rooms + held.waiting + held.serviceTimers
    log(`left: ${held.users} users, ${held.rooms} rooms, ${held.serviceTimers} timers, ${megabytes(held.memory)}`)
    if (rest === 0 || i === 20) return held
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

async function ask(child: ChildProcess): Promise<Held> {
  const answer = once(child, 'message')
  child.send('what is held')
  return ((await answer) as [Held])[0]
}

const told = (faults: Faults): string => Array.from(faults, ([what, times]) => `, ${times} × ${what}`).join('')

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`
