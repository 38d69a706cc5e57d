import { Hono } from 'hono'
import t from 'tap'
import { mount } from '../../plugins/hono.ts'
import { runtime } from '../../src/server/runtime/mod.ts'
import { BinaryClient } from '../fixture/client.ts'

const app = new Hono().get('/', (context) => context.text('own page'))
const closed = new Hono().use((context) => Promise.resolve(context.text('who are you', 401)))
mount(app, '/one')
mount(app, '/two')
app.route('/closed', mount(closed, '/'))
const server = await runtime.listen(app, { port: 0, host: 'localhost', frameBytes: 262_144 })
t.teardown(() => server.stop(0))
const url = `ws://localhost:${server.port}`

await t.test("next to the app's own routes and behind its middleware", async (t) => {
  t.equal(await (await app.request('/')).text(), 'own page')
  t.equal(await (await app.request('/one/healthz')).text(), 'ok')
  t.equal((await app.request('/closed/healthz')).status, 401)
  t.match(await (await app.request('/one')).text(), /<!doctype html>/i)
  t.equal((await app.request('/one/')).headers.get('location'), '/one')
  await t.rejects(BinaryClient.open(`${url}/closed/signal`))
})

await t.test('two services in one process do not see each other', async (t) => {
  const [ada, bob] = [await BinaryClient.open(`${url}/one/signal`), await BinaryClient.open(`${url}/two/signal`)]
  const lab = await ada.join('lab')
  t.not((await bob.join('lab')).uuid, lab.uuid)
  t.match(await (await app.request('/one/rooms')).json(), [{ uuid: lab.uuid, peers: [ada.id] }])
  t.match(await (await app.request('/two/rooms')).json(), [{ name: 'lab', peers: [bob.id] }])
  await Promise.all([ada.close(), bob.close()])
})
