import t from 'tap'
import { commands, run } from '../../fixture/server.ts'

const program = 'test/peer/fixture/ending-program.ts'

t.setTimeout(300_000)

/** Deno emits no `exit` event after an error. leaving-peers.ts tests on all three runtimes that programs do not crash. */
const starts = { bun: [...commands.bun.slice(0, 1), program], node: [process.execPath, program] }
const ways = [
  { way: 'by itself', code: 0, stdout: 'exit 0\n', stderr: /^$/ },
  { way: 'own code', code: 3, stdout: 'exit 3\n', stderr: /^$/ },
  { way: 'code of a listener', code: 4, stdout: 'exit 0\n', stderr: /^$/ },
  { way: 'error', code: 1, stdout: 'exit 1\n', stderr: /the work failed/ },
  { way: 'error after the end', code: 1, stdout: 'exit 1\n', stderr: /more work failed/ },
]
for (const [name, command] of Object.entries(starts)) {
  t.test(`a program that used WebRTC ends with its own code and error on ${name}`, async (t) => {
    for (const { way, ...expected } of ways) t.match(await run(command, [way]), expected, way)
  })
}
