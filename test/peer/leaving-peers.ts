import t from 'tap'
import { commands, type RuntimeName, run, startServer } from '../fixture/server.ts'

const program = 'test/peer/fixture/leaving-program.ts'
const [bun] = commands.bun
const [deno] = commands.deno
const PEERS = 200

t.setTimeout(240_000)

const starts: Readonly<Record<RuntimeName, string[]>> = {
  bun: [bun as string, program],
  deno: [deno as string, 'run', '-A', program],
  node: [process.execPath, program],
}
for (const [name, command] of Object.entries(starts)) {
  t.test(`${PEERS} peers that leave at random moments end nobody's program, on ${name}`, async (t) => {
    const server = await startServer(commands.node)
    t.teardown(() => server.stop())
    const seed = Math.floor(Math.random() * 2 ** 31)
    const { code, stdout, stderr } = await run(command, [server.signal, String(PEERS), String(seed)])
    t.equal(code, 0, `seed ${seed}: ${stdout}${stderr}`)
    const met = JSON.parse(stdout)
    t.match(met, { peers: PEERS, left: PEERS })
    t.comment(stdout)
  })
}
