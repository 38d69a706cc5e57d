import t from 'tap'
import { commands, run } from '../../fixture/server.ts'

t.test('under Bun, a connection does not keep its request in memory', async (t) => {
  const [bun] = commands.bun as [string]
  const { stdout, stderr } = await run([bun, 'test/server/runtime/fixture/held.ts', '50'])
  t.equal(stderr, '')
  const { users, requests } = JSON.parse(stdout) as { users: number; requests: number }
  t.equal(users, 50)
  // The last one or two may not be garbage collected yet.
  t.ok(requests < 10, `${requests} requests are in memory`)
})
