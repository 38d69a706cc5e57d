/** The service before version 1 had ten faults. Each test checks that one of them does not come back. */
import t from 'tap'
import type { RoomInfo } from '../../src/core/mod.ts'
import { randomId } from '../../src/protocol/mod.ts'
import { fakeClock } from './fixture/clock.ts'
import { addUser, codecs, join, newService, subscribe } from './fixture/user.ts'

t.test('1: a string that looks like a function is not evaluated', async (t) => {
  const code = '(function () { globalThis.evaluated = true })()'
  for (const codec of codecs) {
    const service = newService()
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    join(service, 'lab', ada, bob)
    await subscribe(bob)
    await ada.ask('info', { code })
    await ada.ask('createroom', { name: code })
    await ada.relay('offer', bob.id, { code })
    await service
      .onmessage(JSON.stringify({ data: { cmd: code, data: code }, callbackId: code }), ada.ws)
      .catch(() => {})
    await service.onmessage(code, ada.ws).catch(() => {})
    t.strictSame(service.users.get(ada.id)?.info, { code }, 'info stores the string unchanged')
    t.match(bob.take(), [
      { event: 'roomadded', data: { name: code } },
      { relay: 'offer', msg: { code } },
    ])
    t.notOk('evaluated' in globalThis)
  }
})

t.test('2: a signal reaches only users in a common room', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const [ada, bob, eve] = [addUser(service, codec), addUser(service, codec), addUser(service, codec)]
    join(service, 'lab', ada, bob)
    join(service, 'hall', eve)
    for (const user of [ada, bob, eve]) user.take()
    t.match(await eve.relay('offer', bob.id, { sdp: 'x' }), { code: 'peer-not-found' })
    t.match(eve.take(), [{ error: { code: 'peer-not-found', peer: bob.id } }])
    t.strictSame(bob.take(), [])
    await ada.ask('disconnect')
    bob.take()
    t.match(
      await bob.relay('offer', ada.id, { sdp: 'x' }),
      { code: 'peer-not-found' },
      'a user that has left receives no signal',
    )
  }
})

t.test('3: connect and rooms ignore an auth in the message', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const [bob, eve] = [addUser(service, codec, 'bob'), addUser(service, codec, 'eve')]
    const room = await service.createRoom({ name: 'private', restrictions: { users: ['bob'] } }, bob.id)
    t.match(await eve.ask('connect', { room: { uuid: room.uuid }, auth: 'bob' }), { code: 'room-not-found' })
    t.match(await eve.ask('connect', { room: { name: 'private' }, auth: 'bob' }), { code: 'room-not-found' })
    t.strictSame(await eve.ask('rooms', { auth: 'bob' }), { cmd: 'rooms', data: [] })
    const message = { data: { cmd: 'rooms', auth: 'bob', data: { auth: 'bob' } }, auth: 'bob', callbackId: 1 }
    t.strictSame(await service.onmessage(message, eve.ws), { cmd: 'rooms', data: [] })
    t.match(
      await eve.ask('hello', { token: 'bob' }),
      { code: 'unauthorized' },
      'a token is rejected if nothing can check it',
    )
    t.throws(() => service.connect({ data: { room: { uuid: room.uuid }, auth: 'bob' } }, eve.id), {
      code: 'room-not-found',
    })
    t.strictSame(room.peers, [])
  }
})

t.test('4: a rejected connect is answered with an error', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    const full = await service.createRoom({ name: 'full', restrictions: { max: 1 } }, ada.id)
    await ada.ask('connect', { room: { uuid: full.uuid } })
    const own = await service.createRoom({ name: 'own', restrictions: { users: ['ada'] } }, ada.id)
    for (const user of [ada, bob]) user.take()
    await bob.ask('connect', { room: { uuid: randomId() } })
    await bob.ask('connect', { room: { uuid: full.uuid } })
    await bob.ask('connect', { room: { uuid: own.uuid } })
    await ada.ask('connect', { room: { uuid: full.uuid } })
    t.match(bob.take(), [
      { error: { code: 'room-not-found' } },
      { error: { code: 'room-full' } },
      { error: { code: 'room-not-found' } },
    ])
    t.match(ada.take(), [{ error: { code: 'forbidden', reason: 'already-in-room' } }])
  }
})

t.test('5: the listing and the event roomadded both depend on the auth', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const host = addUser(service, codec, 'host')
    const ada = addUser(service, codec, 'ada')
    // An auth that equals another user's id gives no access to that user's rooms.
    const idAsAuth = addUser(service, codec, String(ada.id))
    await subscribe(ada, idAsAuth)
    const room = await service.createRoom({ restrictions: { users: ['ada'] } }, host.id)
    const other = await service.createRoom({ restrictions: { users: [String(ada.id)] } }, host.id)
    t.strictSame(ada.take(), [{ event: 'roomadded', data: room }])
    t.strictSame(idAsAuth.take(), [{ event: 'roomadded', data: other }])
    t.strictSame(await ada.ask('rooms'), { cmd: 'rooms', data: [room] })
    t.strictSame(service.getRoomsByAuth('ada'), [room])
  }
})

t.test('6: a peer receives the info of the newcomer, not its own', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    await ada.ask('connect', { room: { name: 'lab' }, create: true, info: { name: 'Ada' } })
    for (const user of [ada, bob]) user.take()
    const { uuid } = (await bob.ask('connect', { room: { name: 'lab' }, info: { name: 'Bob' } })) as RoomInfo
    t.match(ada.take(), [{ event: 'connect', data: { id: bob.id, info: { name: 'Bob' }, room: uuid } }])
    t.match(bob.take(), [
      { event: 'connect', data: { id: ada.id, info: { name: 'Ada' }, room: uuid } },
      { ok: { uuid } },
    ])
  }
})

t.test('7: a room is deleted after its last user has vanished', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  const uuid = join(service, 'lab', ada)
  bob.take()
  ada.leave()
  clock.advance(299_999)
  t.ok(service.rooms.has(uuid))
  clock.advance(1)
  t.notOk(service.rooms.has(uuid))
  t.strictSame(bob.take(), [{ event: 'roomclosed', data: { uuid } }])
})

t.test('8: ids are random and unique', async (t) => {
  const service = newService()
  const ids = Array.from({ length: 4_000 }, () => addUser(service, 'json').id)
  const rooms = await Promise.all(ids.slice(0, 1_000).map(async (id) => (await service.createRoom({}, id)).uuid))
  t.equal(new Set([...ids, ...rooms]).size, 5_000)
  // Of 53 random bits, the top four are all zero in one id of 16.
  t.ok(ids.filter((id) => id > 2 ** 49).length > 3_000, 'ids have more than the 23 bits of the first service')
})

t.test('9: only one side of a pair makes an offer', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const users = [addUser(service, codec), addUser(service, codec), addUser(service, codec)] as const
    join(service, 'lab', ...users)
    const pairs = users.flatMap((user) =>
      user.take().flatMap((told) => {
        if (!('event' in told) || told.event !== 'connect') return []
        const { id, initiator, link } = told.data as { id: number; initiator: number; link: number }
        return [{ link, initiator, pair: [user.id, id].sort((a, b) => a - b).join() }]
      }),
    )
    t.equal(pairs.length, 6)
    const links = Map.groupBy(pairs, ({ link }) => link)
    t.equal(links.size, 3, 'each pair has its own link')
    for (const [one, other] of links.values())
      t.strictSame(one, other, 'both sides receive the same link and initiator')
    // The user that joined later makes the offer.
    const at = (id: number) => users.findIndex((user) => user.id === id)
    for (const { initiator, pair } of pairs)
      t.equal(at(initiator), Math.max(...pair.split(',').map((id) => at(Number(id)))))
  }
})

t.test('10: sizes and queues are bounded (bounds.ts tests all bounds)', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob)
  bob.ws.bufferedAmount = 4_194_304
  t.match(await ada.relay('data', bob.id, 1), { code: 'rate-limited', reason: 'slow-receiver' })
  t.match(await ada.relay('data', bob.id, new Uint8Array(262_144)), { code: 'frame-too-large' })
})
