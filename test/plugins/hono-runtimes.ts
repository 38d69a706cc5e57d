import t from 'tap'
import { BinaryClient, JsonClient } from '../fixture/client.ts'
import { commands, type RuntimeName, startServer } from '../fixture/server.ts'

const deno = [
  commands.deno[0] as string,
  'run',
  '--no-prompt',
  '--allow-net',
  '--allow-read=src',
  'examples/hono/deno.ts',
]
const examples: Record<RuntimeName, string[]> = {
  bun: [commands.bun[0] as string, 'run', 'examples/hono/bun.ts'],
  deno,
  node: [process.execPath, 'examples/hono/node.ts'],
}

for (const [name, command] of Object.entries(examples)) {
  await t.test(command.at(-1) as string, { timeout: 580_000 }, async (t) => {
    const server = await startServer(command, [])
    t.teardown(() => server.stop('SIGKILL'))
    const login = async (user: string) => {
      const response = await fetch(`${server.url}login/${user}`, { method: 'POST' })
      return { cookie: response.headers.get('set-cookie')?.split(';')[0] as string }
    }
    const [ada, bob, eve] = [await login('ada'), await login('bob'), await login('eve')]
    const lab = `${server.url.replace('http', 'ws')}lab/signal`

    t.equal(await (await fetch(server.url)).text(), 'My own page')
    t.equal((await fetch(`${server.url}lab/healthz`)).status, 401)
    t.equal(await (await fetch(`${server.url}lab/healthz`, { headers: ada })).text(), 'ok')
    t.match(await (await fetch(`${server.url}lab`, { headers: ada })).text(), /<!doctype html>/i)
    await t.rejects(BinaryClient.open(lab))
    await t.rejects(BinaryClient.open(lab, { cookie: 'user=ada' }), 'an unsigned cookie is rejected')

    const [one, two] = [await BinaryClient.open(lab, ada), await JsonClient.open(lab, undefined, bob)]
    const other = await JsonClient.open(lab, 'ada', eve)
    const { data: room } = await two.request('createroom', { name: 'own', restrictions: { users: ['ada', 'bob'] } })
    t.same((await one.join('own')).uuid, room.uuid)
    await two.request('connect', { room: { uuid: room.uuid } })
    t.match(await two.take(({ cmd }) => cmd === 'connect'), { data: { id: one.id, info: { name: 'ada' } } })
    t.same((await other.request('rooms')).data.data, [], 'a user that the room does not name cannot see it')
    t.match(await other.request('connect', { room: { uuid: room.uuid } }), { error: { code: 'room-not-found' } })

    const outside = await BinaryClient.open(`${server.url.replace('http', 'ws')}open/signal`)
    t.not((await outside.join('own')).uuid, room.uuid, 'the other service has its own rooms')
    t.match(await (await fetch(`${server.url}open/rooms`)).json(), [{ name: 'own', peers: [outside.id] }])

    const ended = server.stop()
    for (const client of [one, two, other, outside]) t.match(await client.closed, { code: 1001 })
    t.match(await ended, { code: 0 }, `${name} exits by itself`)
  })
}
