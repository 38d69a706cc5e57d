import t from 'tap'
import { Op } from '../../mod.ts'
import { BinaryClient } from '../fixture/client.ts'
import { commands, startServer } from '../fixture/server.ts'

// With `--no-prompt`, a request for any other permission fails. Without it, Deno would ask in a terminal and wait.
const [deno] = commands.deno
const server = await startServer([deno as string, 'run', '--no-prompt', '--allow-net', 'mod.ts'])

await t.test('with only network permission, everything works except the page', async (t) => {
  const client = await BinaryClient.open(server.signal)
  const room = await client.join('lab')
  t.match(await client.request(Op.rooms, null), [Op.ok, Number, { data: [{ uuid: room.uuid }] }])
  t.equal((await fetch(`${server.url}healthz`)).status, 200)
  const page = await fetch(server.url)
  t.equal(page.status, 503)
  t.match(
    await page.text(),
    /Start it with deno run -P mod\.ts, or add --allow-read=src/,
    'the page says which permission it needs',
  )
  await client.close()
})

const { code, stderr } = await server.stop()
t.equal(code, 0)
t.notMatch(stderr, /permission|NotCapable/i, 'the server asks for no other permission')
