import { WSSbackend } from 'graphscript/dist/index.node.js'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { JsonClient } from './fixture/client.ts'
import { startServer } from './fixture/server.ts'
import { browserFor } from './fixture/server-and-browser.ts'
import { until } from './fixture/until.ts'

t.setTimeout(600_000)

await t.test('examples/json-host.ts', async (t) => {
  const server = await startServer([process.execPath, 'examples/json-host.ts'], [])
  t.teardown(() => server.stop('SIGKILL'))
  const url = server.url.replace('http', 'ws')
  const [ada, bob] = [await JsonClient.open(url, 'ada'), await JsonClient.open(url, 'bob')]
  const { data: room } = await ada.request('createroom', { name: 'lab', restrictions: { users: ['bob'] } })
  await ada.request('connect', { room: { uuid: room.uuid } })
  t.match(await bob.request('connect', { room: { uuid: room.uuid } }), { data: { peers: [ada.id, bob.id] } })
  await bob.request('offer', { id: ada.id, msg: { sdp: 'v=0' } })
  t.match(await ada.take(({ cmd }) => cmd === 'offer'), { data: { id: bob.id, msg: { sdp: 'v=0' } } })
  bob.send('{')
  t.match(await bob.take(({ error }) => error), { error: { reason: 'not-json' } }, 'an error does not end the host')
  await Promise.all([ada.close(), bob.close()])
})

await t.test('examples/own-server.ts and examples/page.html', async (t) => {
  const server = await startServer([process.execPath, 'examples/own-server.ts'], [])
  t.teardown(() => server.stop('SIGKILL'))
  const { ada, bob } = await twoHearts(t, server.url)
  await ada.close()
  await bob.getByText('Ada, Heart').waitFor({ state: 'detached' })
  t.pass('a heart beats in each page, and stops with it')
})

await t.test('examples/graphscript.ts and examples/graphscript.html', async (t) => {
  const server = await startServer([process.execPath, 'examples/graphscript.ts'], [])
  t.teardown(() => server.stop('SIGKILL'))
  const { ada, bob } = await twoHearts(t, server.url)

  // A program with graphscript's own client. The router sends messages as calls of the program's nodes.
  type Told = { id: number; key: string; info: { name: string } }
  const told: Record<'welcome' | 'connect' | 'disconnectPeer', Told[]> = {
    welcome: [],
    connect: [],
    disconnectPeer: [],
  }
  const client = new WSSbackend()
  client.load({
    webrtc: Object.fromEntries(
      Object.entries(told).map(([event, list]) => [event, (what: Told) => void list.push(what)]),
    ),
  })
  const socket = client.openWS({ address: /router at (\S+)/.exec(server.output.stdout)?.[1] as string })
  t.teardown(() => socket.socket.terminate())
  await until(() => told.welcome.length > 0)
  const key = told.welcome[0]?.key
  const attic = await socket.run('webrtc.connect', [key, { room: { name: 'attic' } }])
  t.match(attic, { error: { code: 'room-not-found' } })
  const { peers } = await socket.run('webrtc.connect', [key, { room: { name: 'examples' } }])
  t.equal(peers.length, 3, 'both pages are in the room')
  await until(() => told.connect.some(({ info }) => info.name === 'Ada'))
  const id = told.connect.find(({ info }) => info.name === 'Ada')?.id
  await ada.close()
  await until(() => told.disconnectPeer.some((peer) => peer.id === id))
  await bob.getByText('Ada, Heart').waitFor({ state: 'detached' })
})

/** Opens two pages of an example, and waits until each shows the other's heart rate. */
async function twoHearts(t: Test, url: string): Promise<{ ada: Page; bob: Page }> {
  const browser = await browserFor(t)
  const [ada, bob] = [await browser.newPage(), await browser.newPage()]
  await ada.goto(`${url}?name=Ada`)
  await bob.goto(`${url}?name=Bob`)
  await ada.getByText(/^Bob, Heart: 6\d\.\d+$/).waitFor()
  await bob.getByText(/^Ada, Heart: 6\d\.\d+$/).waitFor()
  return { ada, bob }
}
