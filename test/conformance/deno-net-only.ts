import t from 'tap'
import { Op } from '../../mod.ts'
import { BinaryClient } from '../fixture/client.ts'
import { commands, startServer } from '../fixture/server.ts'

// `--no-prompt`, so that a permission asked for beyond the network fails instead of waiting in a terminal.
const [deno] = commands.deno
const server = await startServer([deno as string, 'run', '--no-prompt', '--allow-net', 'mod.ts'])

await t.test('with permission for the network alone, all but the page works', async (t) => {
  const client = await BinaryClient.open(server.signal)
  const room = await client.join('lab')
  t.match(await client.request(Op.rooms, null), [Op.ok, Number, { data: [{ uuid: room.uuid }] }])
  t.equal((await fetch(`${server.url}healthz`)).status, 200)
  const page = await fetch(server.url)
  t.equal(page.status, 503)
  t.match(
    await page.text(),
    /start it with deno run -P mod\.ts, or add --allow-read=src/,
    'the page says what it needs',
  )
  await client.close()
})

const { code, stderr } = await server.stop()
t.equal(code, 0)
t.notMatch(stderr, /permission|NotCapable/i, 'nothing else was asked for')
