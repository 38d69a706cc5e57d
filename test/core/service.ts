import t from 'tap'
import { Room, type RoomInfo, WebRTCService } from '../../src/core/mod.ts'
import { isId } from '../../src/protocol/mod.ts'
import { fakeClock } from './fixture/clock.ts'
import { addUser, codecs, join, newService, subscribe } from './fixture/user.ts'

t.test('constructor: a new service has no users and rooms, and needs no options', async (t) => {
  const service = new WebRTCService()
  t.equal(service.users.size, 0)
  t.equal(service.rooms.size, 0)
  t.equal(service.closed, false)
})

t.test('constructor: the option codec is for users whose subprotocol names no codec', async (t) => {
  for (const [codec, type] of [
    [undefined, 'object'],
    ['msgpack', 'object'],
    ['json', 'string'],
  ] as const) {
    const sent: unknown[] = []
    new WebRTCService({ codec }).addUser({ send: (data) => sent.push(data) }, 'ada')
    t.ok(sent.length > 0)
    for (const data of sent) t.equal(typeof data, type)
  }
})

t.test('rooms: has every room by its uuid', async (t) => {
  const service = newService()
  const ada = addUser(service, 'json')
  const { uuid } = await service.createRoom({ name: 'lab' }, ada.id)
  t.ok(service.rooms instanceof Map)
  t.ok(service.rooms.get(uuid) instanceof Room)
  t.equal(service.rooms.get(uuid)?.name, 'lab')
})

t.test('users: has every connected user by its id', async (t) => {
  const service = newService()
  const ws = { send: () => {}, id: undefined as number | undefined }
  service.addUser(ws, 'ada')
  t.ok(service.users instanceof Map)
  t.strictSame([...service.users], [[ws.id, { uuid: ws.id, auth: 'ada', ws, info: {} }]])
})

t.test('addUser: assigns a missing id, and sends a JSON user the rooms that the auth may see', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const host = addUser(service, 'json', 'host')
    const open = await service.createRoom({ name: 'open' }, host.id)
    const hers = await service.createRoom({ name: 'hers', restrictions: { users: ['ada'] } }, host.id)
    await service.createRoom({ name: 'not hers', restrictions: { users: ['bob'] } }, host.id)
    const ada = addUser(service, codec, 'ada')
    t.ok(isId(ada.id))
    const welcome = { version: 1, id: ada.id, frameBytes: 262_144, recovered: false, joins: true }
    const first = codec === 'msgpack' ? [{ event: 'welcome', data: welcome }] : []
    const rooms = codec === 'json' ? [open, hers] : []
    t.strictSame(ada.take(), [...first, { event: 'rooms', data: rooms }])
  }
})

t.test('addUser: returns nothing, keeps an id from the host, and throws for one in use or out of range', async (t) => {
  const service = newService()
  const ws = { id: 7, send: () => {} }
  t.equal(service.addUser(ws, ''), undefined)
  t.equal(ws.id, 7)
  t.throws(() => service.addUser({ id: 7, send: () => {} }, ''), { code: 'forbidden', reason: 'already-added' })
  t.equal(service.users.get(7)?.ws, ws, 'the owner of the id keeps it')
  for (const id of [0, -1, 1.5, 2 ** 53, '7' as unknown as number]) {
    t.throws(() => service.addUser({ id, send: () => {} }, ''), { code: 'bad-frame', reason: 'wrong-type' })
  }
  t.equal(service.users.size, 1)
})

t.test('connect: adds the user and returns the exported room', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  const { uuid } = await service.createRoom({ name: 'lab' }, ada.id)
  const joined = service.connect({ cmd: 'connect', data: { room: { uuid }, info: { name: 'Ada' } } }, ada.id)
  t.strictSame(joined, { uuid, name: 'lab', initiator: ada.id, restrictions: {}, peers: [ada.id] })
  t.strictSame(service.users.get(ada.id)?.info, { name: 'Ada' })
  const info = service.connect({ data: { room: { name: 'lab' } } }, bob.id)
  t.strictSame(info.peers, [ada.id, bob.id], 'the name works too')
})

t.test('connect: throws to reject, and changes nothing', async (t) => {
  const service = newService()
  const ada = addUser(service, 'json')
  const refuse = (data: unknown, code: string, origin = ada.id) =>
    t.throws(() => service.connect({ data }, origin), { name: 'SignalError', code })
  refuse({ room: { uuid: 5 } }, 'room-not-found')
  refuse({ room: { uuid: 5 }, create: true }, 'room-not-found')
  refuse({ room: { name: 'lab' } }, 'room-not-found')
  refuse({ room: {} }, 'bad-frame')
  refuse(undefined, 'bad-frame')
  refuse({ room: { name: 'lab' }, create: true }, 'unauthorized', 12345)
  t.equal(service.rooms.size, 0)
  refuse({ room: { name: 'lab' }, info: { name: 'Ada' } }, 'room-not-found')
  t.strictSame(service.users.get(ada.id)?.info, {}, 'the info is unchanged too')
})

t.test('createRoom: resolves to the exported room, which the owner has not joined', async (t) => {
  const service = newService()
  const [ada, bob, eve] = [
    addUser(service, 'msgpack', 'ada'),
    addUser(service, 'json', 'bob'),
    addUser(service, 'json', 'eve'),
  ]
  await subscribe(ada, bob, eve)

  const open = await service.createRoom({ name: 'lab', restrictions: { max: 2 } }, ada.id)
  t.strictSame(open, { uuid: open.uuid, name: 'lab', initiator: ada.id, restrictions: { max: 2 }, peers: [] })
  t.ok(isId(open.uuid))
  for (const user of [ada, bob, eve]) t.strictSame(user.take(), [{ event: 'roomadded', data: open }])

  const closed = await service.createRoom({ restrictions: { users: ['bob'] } }, ada.id)
  t.equal(closed.name, String(closed.uuid))
  t.strictSame(ada.take(), [{ event: 'roomadded', data: closed }], 'the owner is notified')
  t.strictSame(bob.take(), [{ event: 'roomadded', data: closed }], 'an allowed user is notified')
  t.strictSame(eve.take(), [], 'nobody else is notified')
})

t.test('createRoom: rejects without the id of a user', async (t) => {
  const service = newService()
  await t.rejects(service.createRoom(), { code: 'unauthorized' })
  await t.rejects(service.createRoom({}, 12345), { code: 'unauthorized' })
  const ada = addUser(service, 'json')
  await t.rejects(service.createRoom({ name: '' }, ada.id), { code: 'bad-frame' })
  t.equal(service.rooms.size, 0)
})

t.test('disconnect: leaves one room, or every room', async (t) => {
  const service = newService()
  const ada = addUser(service, 'json')
  const join = (name: string) => service.connect({ data: { room: { name }, create: true } }, ada.id).uuid
  const [a, b, c] = [join('a'), join('b'), join('c')]
  const inside = () => [a, b, c].map((uuid) => service.rooms.get(uuid)?.peers.has(ada.id))
  t.strictSame(service.disconnect({ cmd: 'disconnect', data: { uuid: b } }, ada.id), { cmd: 'roomclosed' })
  t.strictSame(inside(), [true, false, true])
  t.throws(() => service.disconnect({ data: { uuid: b } }, ada.id), { code: 'not-in-room' })
  t.throws(() => service.disconnect({ data: { uuid: 5 } }, ada.id), { code: 'not-in-room' })
  t.strictSame(service.disconnect({ cmd: 'disconnect' }, ada.id), { cmd: 'roomclosed' })
  t.strictSame(inside(), [false, false, false])
  t.strictSame(service.disconnect({}, ada.id), { cmd: 'roomclosed' }, 'without a room it is no error')
  t.throws(() => service.disconnect({}, 12345), { code: 'unauthorized' })
})

t.test('getRooms: returns the exported rooms that the filter selects', async (t) => {
  const service = newService()
  const ada = addUser(service, 'json')
  const lab = await service.createRoom({ name: 'lab' }, ada.id)
  const hall = await service.createRoom({ name: 'hall', restrictions: { users: ['x'] } }, ada.id)
  const seen: RoomInfo[] = []
  t.strictSame(
    service.getRooms((room) => seen.push(room) > 0),
    [lab, hall],
  )
  t.strictSame(seen, [lab, hall])
  t.strictSame(
    service.getRooms(({ name }) => name === 'hall'),
    [hall],
  )
  t.strictSame(
    service.getRooms(() => false),
    [],
  )
})

t.test('getRoomsByAuth: returns open rooms, and those that name the auth', async (t) => {
  const service = newService()
  const host = addUser(service, 'json', 'host')
  const open = await service.createRoom({ name: 'open' }, host.id)
  const max = await service.createRoom({ name: 'max', restrictions: { max: 1 } }, host.id)
  const hers = await service.createRoom({ name: 'hers', restrictions: { users: ['ada', 'bob'] } }, host.id)
  await service.createRoom({ name: 'nobodys', restrictions: { users: [] } }, host.id)
  t.strictSame(service.getRoomsByAuth('ada'), [open, max, hers])
  t.strictSame(service.getRoomsByAuth('eve'), [open, max])
  t.strictSame(service.getRoomsByAuth(undefined as unknown as string), [open, max])
})

t.test('pass: sends a signal to a user that shares a room', async (t) => {
  const service = newService()
  const [ada, bob, eve] = [addUser(service, 'msgpack'), addUser(service, 'json'), addUser(service, 'json')]
  join(service, 'lab', ada, bob)
  for (const user of [ada, bob, eve]) user.take()
  for (const cmd of ['offer', 'answer', 'candidate', 'signal', 'data']) {
    t.equal(service.pass(cmd, ada.id, bob.id, { sdp: 'v=0' }), undefined)
    service.pass(cmd, bob.id, ada.id, { sdp: 'v=0' })
    t.strictSame(bob.take(), [{ relay: cmd, from: ada.id, msg: { sdp: 'v=0' } }])
    t.strictSame(ada.take(), [{ relay: cmd, from: bob.id, msg: { sdp: 'v=0' } }])
  }
  t.throws(() => service.pass('offer', ada.id, eve.id, 1), { code: 'peer-not-found' })
  t.throws(() => service.pass('offer', ada.id, 12345, 1), { code: 'peer-not-found' })
  t.throws(() => service.pass('offer', ada.id, ada.id, 1), { code: 'peer-not-found', reason: 'relay-to-self' })
  t.throws(() => service.pass('offer', eve.id, ada.id, 1), { code: 'not-in-room' })
  t.throws(() => service.pass('offer', 12345, ada.id, 1), { code: 'unauthorized' })
  for (const cmd of ['connect', 'welcome', 'toString', '', '__proto__']) {
    t.throws(() => service.pass(cmd, ada.id, bob.id, 1), { code: 'bad-frame', reason: 'unknown-op' })
  }
  t.throws(() => service.pass('offer', bob.id, ada.id, () => 1), { code: 'bad-frame' })
  for (const user of [ada, bob, eve]) t.strictSame(user.take(), [])
})

t.test('removePeerFromRoom: removes the peer and notifies the others', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  const join = (id: number) => service.connect({ data: { room: { name: 'lab' }, create: true, info: { id } } }, id).uuid
  const uuid = join(ada.id)
  join(bob.id)
  const room = service.rooms.get(uuid) as Room
  for (const user of [ada, bob]) user.take()
  t.equal(service.removePeerFromRoom(room, ada.id), undefined)
  t.strictSame([...room.peers.keys()], [bob.id])
  t.strictSame(bob.take(), [{ event: 'disconnectPeer', data: { id: ada.id, info: { id: ada.id }, room: uuid } }])
  t.equal(JSON.parse(bob.sent.at(-1) as string).id, ada.id, 'a JSON message has the id at its top level too')
  t.strictSame(ada.take(), [])
  service.removePeerFromRoom(room, ada.id)
  t.strictSame(bob.take(), [], 'a second call notifies nobody')
  t.ok(service.users.has(ada.id), 'the peer is still a user')
})

t.test('removeUser: removes the user from every room and from users', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  const names = ['a', 'b']
  for (const { id } of [ada, bob])
    for (const name of names) service.connect({ data: { room: { name }, create: true } }, id)
  bob.take()
  t.equal(service.removeUser(ada.ws), undefined)
  t.strictSame([...service.users.keys()], [bob.id])
  for (const room of service.rooms.values()) t.strictSame([...room.peers.keys()], [bob.id])
  const uuids = [...service.rooms.keys()]
  t.strictSame(
    bob.take(),
    uuids.map((room) => ({ event: 'disconnectPeer', data: { id: ada.id, info: {}, room } })),
  )
  service.removeUser(ada.ws)
  service.removeUser({ send: () => {} })
  t.strictSame(bob.take(), [], 'removing a removed or unknown user does nothing')
})

t.test('close: closes every user with 1001, stops all timers, and accepts no users', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  await service.createRoom({}, ada.id)
  join(service, 'lab', bob)
  service.close()
  for (const user of [ada, bob]) t.match(user.closed, [{ code: 1001 }])
  t.equal(service.users.size, 0)
  t.equal(clock.waiting, 0)
  t.equal(service.closed, true)
  t.throws(() => addUser(service, 'json'), { code: 'server-full' })
})
