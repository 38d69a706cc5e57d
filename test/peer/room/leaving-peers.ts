import t from 'tap'
import { commands, type RuntimeName, run, startServer } from '../../fixture/server.ts'

const program = 'test/peer/fixture/leaving-program.ts'
const [bun] = commands.bun
const [deno] = commands.deno

t.setTimeout(600_000)

/** The command and the number of peers: most on the runtime where a leaving peer has crashed the program. */
const starts: Readonly<Record<RuntimeName, [command: string[], peers: number]>> = {
  bun: [[bun as string, program], 50],
  deno: [[deno as string, 'run', '-A', program], 200],
  node: [[process.execPath, program], 100],
}
for (const [name, [command, peers]] of Object.entries(starts)) {
  t.test(`${peers} peers that leave at random moments do not crash the program on ${name}`, async (t) => {
    const server = await startServer(commands.bun)
    t.teardown(() => server.stop())
    const seed = Math.floor(Math.random() * 2 ** 31)
    const { code, stdout, stderr } = await run(command, [server.signal, String(peers), String(seed)])
    t.equal(code, 0, `seed ${seed}: ${stdout}${stderr}`)
    const met = JSON.parse(stdout)
    t.match(met, { peers, left: peers })
    t.ok(met.connected > 0 && met.samples > 0, 'some peers connected and sent samples')
    t.comment(stdout)
  })
}
