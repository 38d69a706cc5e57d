import t from 'tap'
import { commands, run } from '../../fixture/server.ts'

t.test('a connection under Bun holds nothing of the request that it was made by', async (t) => {
  const [bun] = commands.bun as [string]
  const { stdout, stderr } = await run([bun, 'test/server/runtime/fixture/held.ts', '50'])
  t.equal(stderr, '')
  const { users, requests } = JSON.parse(stdout) as { users: number; requests: number }
  t.equal(users, 50)
  // One or two of the last may wait for the collector.
  t.ok(requests < 10, `${requests} requests are held`)
})
