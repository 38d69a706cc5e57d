import t, { type Test } from 'tap'
import { commands, run, startServer } from '../../fixture/server.ts'
import { startTcpProxy } from '../../fixture/tcp-proxy.ts'

const [bun] = commands.bun
const [deno] = commands.deno

/** Runs a program of the fixture. Returns what it prints. */
async function printed(t: Test, command: readonly string[], program: string, url: string): Promise<unknown> {
  const { code, stdout, stderr } = await run([...command, `test/peer/fixture/${program}`], [url])
  t.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

t.jobs = 3
for (const [name, command] of Object.entries({
  bun: [bun as string],
  deno: [deno as string, 'run', '--allow-net'],
  node: [process.execPath],
})) {
  t.test(`a session resumes on ${name}`, async (t) => {
    const server = await startServer(commands.bun)
    t.teardown(() => server.stop())
    let connections = 0
    const firstAlone = () => (connections++ === 0 ? { bytes: 5_000, silence: 0 } : undefined)
    const proxy = await startTcpProxy(Number(new URL(server.url).port), firstAlone)
    t.teardown(() => proxy.close())
    const log = await printed(t, command, 'session-program.ts', `ws://127.0.0.1:${proxy.port}/signal`)
    t.strictSame(log, [1006, true, 4001, true, true, 1000])
  })

  t.test(`await using stops a recording, leaves a room and closes a session on ${name}`, async (t) => {
    const server = await startServer(commands.bun)
    t.teardown(() => server.stop())
    const log = await printed(t, command, 'disposing-program.ts', server.signal)
    t.strictSame(log, ['open', 'closed', 'complete', false, [1], 'connected', [0], 'closed'])
  })
}
