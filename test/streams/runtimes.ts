import t from 'tap'
import { commands, run } from '../fixture/server.ts'
import { travel } from './fixture/travel.ts'

const here = await travel()
t.match(JSON.parse(here), {
  arrived: [{ first: 0 }],
  recorded: { footer: { sampleCount: 500 }, description: { format: 'float64' } },
})

const program = 'test/streams/fixture/program.ts'
const [bun] = commands.bun
const [deno] = commands.deno
for (const [name, command] of Object.entries({
  bun: [bun as string, program],
  deno: [deno as string, 'run', '--allow-read', program],
  node: [process.execPath, program],
})) {
  await t.test(`streams give the same result on ${name}, also in a Worker`, async (t) => {
    const { code, stdout, stderr } = await run(command)
    t.equal(code, 0, stderr)
    const [main, worker] = stdout.trim().split('\n')
    t.equal(main, here)
    t.equal(worker, here)
  })
}
