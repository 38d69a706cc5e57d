import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** The runtimes, installed as packages, so that every machine measures the same versions. */
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

/** Timeout until a server accepts connections, in ms. */
const START_TIMEOUT = 60_000

/** Starts a server on a free port and waits until it accepts connections. Throws if it does not within 60 s. */
export async function startServer({ command, env }: ServerCommand): Promise<StartedServer> {
  const port = await freePort()
  const { child, output } = start(command(port), env?.(port))
  const deadline = performance.now() + START_TIMEOUT
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

/**
 * Runs a program to its end. The last line of its standard output is the result as JSON.
 *
 * @param seconds timeout, after which the program is killed
 * @throws Error if the program fails
 */
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

/** Finds a port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Most characters of a program's output that are kept for an error message: its end. */
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

/** Kills the process: the benches do not measure shutdown, and ours would take seconds to notify its clients. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}
