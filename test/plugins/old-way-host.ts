import t from 'tap'
import { BinaryClient, type Json, JsonClient } from '../fixture/client.ts'
import { startServer } from '../fixture/server.ts'

/** A plain WebSocket server that calls addUser, onmessage and removeUser, as the server of datastreams-api did. */
const server = await startServer([process.execPath, 'examples/json-host.ts'], [])
t.teardown(() => server.stop('SIGKILL'))
const url = server.url.replace('http', 'ws')
const of = (name: string) => (message: Json) => message.cmd === name
const service = 'webrtc'

await t.test('messages are exactly those of the old server', async (t) => {
  const [ada, bob, eve] = await Promise.all(['ada', 'bob', 'eve'].map((auth) => JsonClient.open(url, auth)))
  if (ada === undefined || bob === undefined || eve === undefined) throw new Error('not connected')
  t.same(await ada.request('rooms'), { data: { cmd: 'rooms', data: [] }, callbackId: 2, id: ada.id, service })

  const { data: room } = await ada.request('createroom', { name: 'lab' })
  t.strictSame(room, { uuid: room.uuid, name: 'lab', initiator: ada.id, restrictions: {}, peers: [] })
  for (const one of [ada, bob, eve]) t.same(await one.take(of('roomadded')), { cmd: 'roomadded', data: room, service })
  const { data: own } = await ada.request('createroom', { restrictions: { users: ['bob'], max: 2 } })
  t.equal(own.name, String(own.uuid), 'a room without a name is named by its uuid')
  for (const one of [ada, bob]) t.match(await one.take(of('roomadded')), { data: own })
  const names = async (client: JsonClient) => (await client.request('rooms')).data.data.map(({ name }: Json) => name)
  t.same([await names(bob), await names(eve)], [['lab', own.name], ['lab']])
  t.same(eve.inbox, [], 'a user that the room does not name is not notified')

  const entered = await ada.request('connect', { room: { uuid: room.uuid }, info: { name: 'Ada' }, auth: 'eve' })
  t.strictSame(entered.data, { ...room, peers: [ada.id] })
  await bob.request('connect', { room: { uuid: room.uuid }, info: { name: 'Bob' } })
  t.match(await ada.take(of('connect')), { cmd: 'connect', data: { id: bob.id, info: { name: 'Bob' } }, service })
  t.match(await bob.take(of('connect')), { cmd: 'connect', data: { id: ada.id, info: { name: 'Ada' } }, service })

  for (const cmd of ['offer', 'answer', 'candidate']) {
    const msg = { sdp: 'v=0', text: '() => 1' }
    bob.send({ data: { cmd, data: { id: ada.id, msg } }, service })
    t.strictSame(await ada.take(of(cmd)), { cmd, data: { id: bob.id, msg }, id: bob.id, service })
  }
  t.match(await eve.request('offer', { id: ada.id, msg: 1 }), { error: { code: 'not-in-room' } })
  t.match(await eve.request('connect', { room: { uuid: own.uuid }, auth: 'bob' }), {
    error: { code: 'room-not-found' },
  })

  const left = await bob.request('disconnect', { uuid: room.uuid })
  t.same(left.data, { cmd: 'roomclosed' })
  const gone = {
    cmd: 'disconnectPeer',
    data: { id: bob.id, info: { name: 'Bob' }, room: room.uuid },
    id: bob.id,
    service,
  }
  t.strictSame(await ada.take(of('disconnectPeer')), gone)
  await bob.request('connect', { room: { uuid: room.uuid } })
  t.same((await bob.request('disconnect')).data, { cmd: 'roomclosed' }, 'disconnect without data leaves every room')
  await ada.take(of('disconnectPeer'))
  await bob.request('connect', { room: { uuid: room.uuid } })
  await bob.close()
  t.match(await ada.take(of('disconnectPeer')), { id: bob.id }, 'closing the connection leaves every room too')
  await Promise.all([ada.close(), eve.close()])
})

await t.test('msgpack clients and old clients share rooms', async (t) => {
  const [old, companion] = [await JsonClient.open(url), await BinaryClient.open(url)]
  const { uuid } = await companion.join('both')
  await old.request('connect', { room: { uuid } })
  t.match(await old.take(of('connect')), { data: { id: companion.id } })
  old.send({ data: { cmd: 'offer', data: { id: companion.id, msg: { sdp: 'v=0' } } } })
  t.same(await companion.take(([op]) => op === 1), [1, old.id, { sdp: 'v=0' }])
  await Promise.all([old.close(), companion.close()])
})
