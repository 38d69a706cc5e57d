import { Hono } from 'hono'
import t from 'tap'
import { WebSocket } from 'ws'
import { mount } from '../../plugins/hono.ts'
import { runtime } from '../../src/server/runtime/mod.ts'
import { BinaryClient, JsonClient } from '../fixture/client.ts'

const app = new Hono().get('/', (context) => context.text('own page'))
const closed = new Hono().use((context) => Promise.resolve(context.text('who are you', 401)))
mount(app, '/one')
mount(app, '/two')
mount(closed, '/')
app.route('/closed', closed)
const known = mount(app, '/known', {
  identify: (context) => {
    const user = context.req.header('x-user')
    if (user === undefined) return undefined
    return { auth: user, name: user.toUpperCase(), ...(user === 'late' && { expires: Date.now() - 1 }) }
  },
})
const bounds = { frameBytes: 262_144, requestTime: 10_000, onfault: (cause: Error) => t.fail(cause.message) }
const server = await runtime.listen(app, { port: 0, host: '127.0.0.1', ...bounds })
t.teardown(() => server.stop(0))
const url = `ws://127.0.0.1:${server.port}`

await t.test("the service works next to the app's own routes and behind its middleware", async (t) => {
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

await t.test('users have the identity that the host gives them and no other', async (t) => {
  const signal = `${url}/known/signal`
  const ada = await JsonClient.open(signal, undefined, { 'x-user': 'ada' })
  const eve = await JsonClient.open(signal, 'ada', { 'x-user': 'eve' })
  await ada.request('createroom', { name: 'own', restrictions: { users: ['ada'] } })
  await eve.request('createroom', { name: 'all' })
  t.match((await ada.request('rooms')).data.data, [{ name: 'own' }, { name: 'all' }])
  const all = (await eve.request('rooms')).data.data
  t.match(all, [{ name: 'all' }], 'a subprotocol does not change the identity')
  t.equal(all.length, 1)
  t.match(await eve.request('hello', { token: 'ada' }), { error: { reason: 'another-user' } }, 'nor does a token')
  t.match(await eve.request('hello', { info: { name: 'Ada', age: 7 } }), { data: { identity: { auth: 'eve' } } })
  await ada.request('connect', { room: { name: 'all' } })
  await eve.request('connect', { room: { name: 'all' } })
  t.match(await ada.take(({ cmd }) => cmd === 'connect'), { data: { info: { name: 'EVE', age: 7 } } })
  t.match(await eve.take(({ cmd }) => cmd === 'connect'), { data: { info: { name: 'ADA' } } }, 'without a hello too')
  const rooms = async (headers: HeadersInit) => app.request('/known/rooms', { headers })
  t.match(await (await rooms({ 'x-user': 'ada' })).json(), [{ name: 'own' }, { name: 'all' }])
  t.equal((await (await rooms({ 'x-user': 'eve' })).json()).length, 1)
  t.equal((await rooms({})).status, 401)
  t.equal((await app.request('/known/ice')).status, 401)
  t.equal((await app.request('/known')).status, 200, 'the page needs no identity')
  for (const path of ['/signal', '']) await t.rejects(BinaryClient.open(`${url}/known${path}`), /401/)
  const late = new WebSocket(signal, { headers: { 'x-user': 'late' } })
  t.equal(await new Promise((resolve) => late.once('close', resolve)), 1013, 'an expired identity is rejected')
  await Promise.all([ada.close(), eve.close()])
})

await t.test('a page of another origin cannot connect with the cookies of its visitor', async (t) => {
  const open = (origin: string) => BinaryClient.open(`${url}/known/signal`, { 'x-user': 'ada', origin })
  await t.rejects(open('https://evil.example'), /403/)
  await t.rejects(open('null'), /403/)
  await (await open(`http://127.0.0.1:${server.port}`)).close()
})

await t.test('a mounted service can be closed while the app continues', async (t) => {
  const ada = await BinaryClient.open(`${url}/known/signal`, { 'x-user': 'ada' })
  known.close()
  t.match(await ada.closed, { code: 1001 })
  t.same([known.service.users.size, known.service.rooms.size], [0, 0])
  await t.rejects(BinaryClient.open(`${url}/known/signal`, { 'x-user': 'ada' }), /503/)
  t.equal((await app.request('/known/readyz')).status, 503)
  t.equal((await app.request('/one/readyz')).status, 200)
})
