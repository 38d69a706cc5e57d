import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** The runtimes that come as packages, so that every machine measures the same versions. */
export const runtimes: Readonly<Record<'bun' | 'deno' | 'node', string>> = {
  bun: `${root}node_modules/.bin/bun`,
  deno: `${root}node_modules/.bin/deno`,
  node: `${root}node_modules/.bin/node`,
}

export interface StartedServer {
  pid: number
  port: number
  stop(): Promise<void>
}

export interface ServerCommand {
  /** The program and its arguments. */
  command(port: number): string[]
  env?(port: number): Record<string, string>
}

/** How long a server has until it takes connections, in milliseconds. */
const PATIENCE = 60_000

/** Starts a server on a free port and waits until it takes connections. */
export async function startServer({ command, env }: ServerCommand): Promise<StartedServer> {
  const port = await freePort()
  const { child, output } = start(command(port), env?.(port))
  const deadline = performance.now() + PATIENCE
  while (!(await takesConnections(port))) {
    if (child.exitCode === null && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      continue
    }
    child.kill('SIGKILL')
    throw new Error(`${command(port).join(' ')} takes no connections: ${output()}`)
  }
  return { pid: child.pid as number, port, stop: () => stop(child) }
}

/** Runs a program to its end; what it prints on standard output, the last line of it, is its result as JSON. */
export async function runForResult<Result>(command: string[], seconds: number): Promise<Result> {
  const { child, output } = start(command)
  let stdout = ''
  child.stdout?.on('data', (data) => {
    stdout += data
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${output()}`)
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) as string) as Result
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The end of what it said is kept for the message of a failure. */
const KEPT = 4_000

function start([file, ...args]: string[], env: Record<string, string> = {}): { child: ChildProcess; output(): string } {
  const child = spawn(file as string, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      output = `${output}${data}`.slice(-KEPT)
    })
  }
  return { child, output: () => output }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** At once: how it ends is not what is measured, and ours would take seconds to tell its clients to move. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}
