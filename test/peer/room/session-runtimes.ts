import t from 'tap'
import { commands, run, startServer } from '../../fixture/server.ts'
import { startTcpProxy } from '../../fixture/tcp-proxy.ts'

const program = 'test/peer/fixture/session-program.ts'
const [bun] = commands.bun
const [deno] = commands.deno

t.jobs = 3
for (const [name, command] of Object.entries({
  bun: [bun as string, program],
  deno: [deno as string, 'run', '--allow-net', program],
  node: [process.execPath, program],
})) {
  t.test(`a session resumes on ${name}`, async (t) => {
    const server = await startServer(commands.bun)
    t.teardown(() => server.stop())
    let connections = 0
    const firstAlone = () => (connections++ === 0 ? { bytes: 5_000, silence: 0 } : undefined)
    const proxy = await startTcpProxy(Number(new URL(server.url).port), firstAlone)
    t.teardown(() => proxy.close())
    const { code, stdout, stderr } = await run(command, [`ws://localhost:${proxy.port}/signal`])
    t.equal(code, 0, stderr)
    t.strictSame(JSON.parse(stdout), [1006, true, 4001, true, true, 1000])
  })
}
