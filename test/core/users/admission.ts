import t from 'tap'
import type { Identity, RoomInfo } from '../../../src/core/mod.ts'
import { Op, type RelayName } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKnown, closedService, tokenOf } from '../fixture/identified.ts'
import { addUser, codecs, join, newService } from '../fixture/user.ts'

const unauthorized = { code: 'unauthorized' }

for (const codec of codecs) {
  t.test(`${codec}: a user without a token can only send hello`, async (t) => {
    const service = closedService({ iceServers: [{ urls: 'stun:stun.example.org' }] })
    const ada = await addKnown(service, { auth: 'ada' })
    const uuid = join(service, 'lab', ada)
    // An auth from the host, such as a subprotocol, does not count.
    const eve = addUser(service, codec, 'ada')
    t.strictSame(
      eve.take().filter((told) => 'event' in told && told.event === 'rooms'),
      [{ event: 'rooms', data: [] }],
      'the user sees no rooms',
    )
    t.match(await eve.ask('rooms'), unauthorized)
    t.match(await eve.ask('createroom', {}), unauthorized)
    t.match(await eve.ask('connect', { room: { uuid } }), unauthorized)
    t.match(await eve.ask('disconnect'), unauthorized)
    t.match(await eve.ask('info', { a: 1 }), unauthorized)
    t.match(await eve.ask('ice'), unauthorized)
    t.match(await eve.ask('closeroom', { uuid }), unauthorized)
    t.match(await eve.ask('kick', { uuid, peer: ada.id }), unauthorized)
    t.match(await eve.ask('restrict', { uuid, restrictions: {} }), unauthorized)
    for (const cmd of ['offer', 'answer', 'candidate', 'signal', 'data'] as RelayName[]) {
      t.match(await eve.relay(cmd, ada.id, 1), unauthorized, cmd)
    }
    t.match(await eve.ask('hello', {}), unauthorized)
    t.match(await eve.ask('hello', { info: { name: 'Ada' } }), unauthorized)
    t.match(await eve.ask('hello', { token: 'ada' }), unauthorized)
    eve.take()
    await service.createRoom({ name: 'second' }, ada.id)
    t.strictSame(eve.take(), [], 'the user receives no event')
    t.strictSame(service.publicRooms(), [], 'HTTP without a token lists nothing')
    t.strictSame(await service.iceServers(), { iceServers: [] })
    await t.rejects(service.identify(), unauthorized)

    const answer = await eve.ask('hello', { token: tokenOf({ auth: 'eve' }) })
    t.match(answer, {
      id: eve.id,
      identity: { auth: 'eve', create: true, publish: true, subscribe: true, admin: false },
    })
    const rooms = codec === 'json' ? [{ uuid }, { name: 'second' }] : undefined
    t.match((answer as { rooms?: RoomInfo[] }).rooms, rooms, 'a JSON user receives the rooms now')
    t.match(answer, { ice: { iceServers: [{ urls: 'stun:stun.example.org' }] } })
    t.match(await eve.ask('connect', { room: { uuid } }), { peers: [ada.id, eve.id] })
  })

  t.test(`${codec}: the name in a token overrides the user’s own`, async (t) => {
    const service = closedService()
    const ada = addUser(service, codec)
    await ada.ask('hello', { token: tokenOf({ auth: 'ada', name: 'Ada' }), info: { name: 'Grace', age: 36 } })
    t.strictSame(service.users.get(ada.id)?.info, { name: 'Ada', age: 36 })
    t.strictSame(await ada.ask('info', { name: 'Grace' }), { name: 'Ada', age: 36 })
    await ada.ask('connect', { room: { name: 'lab' }, create: true, info: { name: 'Grace' } })
    t.strictSame(service.users.get(ada.id)?.info, { name: 'Ada', age: 36 })
  })

  t.test(`${codec}: the service closes a user when its token expires, unless the token is renewed`, async (t) => {
    const clock = fakeClock()
    const service = closedService({ clock })
    const expires = clock.now() + 10_000
    const [ada, bob] = [await addKnown(service, { auth: 'ada', expires }, codec), addUser(service, codec)]
    t.match(await bob.ask('hello', { token: tokenOf({ auth: 'bob', expires }) }), { expiresIn: 10_000 })
    const uuid = join(service, 'lab', ada, bob)
    clock.advance(9_000)
    t.match(await bob.ask('hello', { token: tokenOf({ auth: 'bob', expires: expires + 10_000 }) }), {
      expiresIn: 11_000,
    })
    for (const user of [ada, bob]) user.take()
    clock.advance(1_000)
    t.strictSame(ada.closed, [{ code: 4003, reason: 'Token expired' }])
    t.strictSame(bob.closed, [])
    t.strictSame(bob.take(), [{ event: 'disconnectPeer', data: { id: ada.id, info: {}, room: uuid } }])
    t.notOk(service.users.has(ada.id))
    clock.advance(10_000)
    t.strictSame(bob.closed, [{ code: 4003, reason: 'Token expired' }])
    t.equal(clock.waiting, 1, 'only the timer of the empty room is left')
  })
}

t.test('an expired token is rejected', async (t) => {
  const clock = fakeClock()
  const service = closedService({ clock })
  const ada = addUser(service, 'json')
  t.match(await ada.ask('hello', { token: tokenOf({ auth: 'ada', expires: clock.now() }) }), unauthorized)
  t.match(await ada.ask('rooms'), unauthorized)
})

t.test('a token can last longer than the longest timer', async (t) => {
  const clock = fakeClock()
  const service = closedService({ clock })
  const month = 30 * 86_400_000
  const ada = await addKnown(service, { auth: 'ada', expires: clock.now() + month })
  clock.advance(month - 1)
  t.strictSame(ada.closed, [])
  clock.advance(1)
  t.match(ada.closed, [{ code: 4003 }])
})

t.test('a user that leaves has no timer left', async (t) => {
  const clock = fakeClock()
  const service = closedService({ clock })
  const identity: Identity = { auth: 'ada', expires: clock.now() + 1_000 }
  const [ada] = [await addKnown(service, identity), await addKnown(service, identity)]
  ada.leave()
  t.equal(clock.waiting, 1)
  service.close()
  t.equal(clock.waiting, 0)
})

t.test('a user cannot become another over the same connection', async (t) => {
  const service = closedService()
  const ada = await addKnown(service, { auth: 'ada' })
  const token = tokenOf({ auth: 'eve', admin: true })
  t.match(await ada.ask('hello', { token }), { code: 'forbidden', reason: 'another-user' })
  t.match(service.users.get(ada.id), { auth: 'ada', identity: { auth: 'ada' } })
})

t.test('an auth without an identity is rejected where a token is required', async (t) => {
  const service = closedService({ authenticate: (token) => token })
  const ada = addUser(service, 'json')
  t.match(await ada.ask('hello', { token: 'ada' }), unauthorized)
})

t.test('a user can have one hello at a time', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Identity>()
  const service = closedService({ authenticate: () => promise })
  const ada = addUser(service, 'msgpack')
  const first = ada.ask('hello', { token: 'a' })
  t.match(await ada.ask('hello', { token: 'b' }), { code: 'rate-limited', reason: 'hello-waits' })
  resolve({ auth: 'ada' })
  t.match(await first, { identity: { auth: 'ada' } })
  t.match(await ada.ask('hello', { token: 'c' }), { identity: { auth: 'ada' } }, 'the next hello is accepted')
})

t.test('only its own user can resume a session, and the new token applies', async (t) => {
  const clock = fakeClock()
  const service = closedService({ clock })
  const ada = addUser(service, 'msgpack')
  const hello = { token: tokenOf({ auth: 'ada', expires: clock.now() + 20_000 }), resume: true }
  const { resume } = (await ada.ask('hello', hello)) as { resume: { token: string } }
  const [lab, hall] = [join(service, 'lab', ada), join(service, 'hall', ada)]
  ada.lose()
  const resuming = { resume: { token: resume.token, received: 0 } }

  const stranger = addUser(service, 'msgpack')
  t.match(await stranger.ask('hello', resuming), unauthorized, 'a session does not resume without a token')
  const expired = tokenOf({ auth: 'ada', expires: clock.now() - 1 })
  t.match(
    await stranger.ask('hello', { ...resuming, token: expired }),
    unauthorized,
    'a session does not resume with an expired token',
  )
  const eve = await addKnown(service, { auth: 'eve' })
  t.match(
    await eve.ask('hello', resuming),
    { recovered: false },
    'a session does not resume over the connection of an identified user',
  )
  const other = addUser(service, 'msgpack')
  t.match(await other.ask('hello', { ...resuming, token: tokenOf({ auth: 'eve' }) }), { recovered: false })

  const token = tokenOf({ auth: 'ada', rooms: ['lab'], expires: clock.now() + 60_000 })
  const again = addUser(service, 'msgpack')
  again.take()
  const answer = await again.ask('hello', { ...resuming, token })
  t.match(answer, { id: ada.id, recovered: true, expiresIn: 60_000, identity: { rooms: ['lab'] } })
  t.match(
    again.take().filter((told) => 'event' in told && told.event === 'kicked'),
    [{ data: { uuid: hall, code: 'token' } }],
    'the user loses the rooms that the new token does not allow',
  )
  t.strictSame([...(service.rooms.get(lab)?.peers.keys() ?? [])], [ada.id])
  clock.advance(20_000)
  t.strictSame(again.closed, [], 'the session lasts as long as the new token')
  clock.advance(40_000)
  t.match(again.closed, [{ code: 4003 }])
})

t.test('a disconnected user is removed when its token expires', async (t) => {
  const clock = fakeClock()
  const service = closedService({ clock })
  const ada = addUser(service, 'msgpack')
  await ada.ask('hello', { token: tokenOf({ auth: 'ada', expires: clock.now() + 5_000 }), resume: true })
  ada.lose()
  clock.advance(5_000)
  t.notOk(service.users.has(ada.id))
  t.equal(service.counts.waiting, 0)
  t.equal(clock.waiting, 0)
})

t.test('a token with fewer permissions removes the user from its rooms', async (t) => {
  const service = closedService()
  const ada = await addKnown(service, { auth: 'ada' })
  const bob = await addKnown(service, { auth: 'bob' })
  const uuid = join(service, 'lab', ada, bob)
  for (const user of [ada, bob]) user.take()
  await bob.ask('hello', { token: tokenOf({ auth: 'bob', rooms: ['l*'] }) })
  t.match(bob.take(), [{ ok: {} }], 'a token for the same rooms changes nothing')
  await bob.ask('hello', { token: tokenOf({ auth: 'bob', publish: false }) })
  t.match(bob.take(), [{ event: 'kicked', data: { uuid, code: 'token' } }, { ok: { identity: { publish: false } } }])
  t.match(
    ada.take(),
    [{ event: 'disconnectPeer', data: { id: bob.id } }],
    'the user has to rejoin with its new permissions',
  )
  await bob.ask('connect', { room: { uuid } })
  t.match(ada.take(), [{ event: 'connect', data: { id: bob.id, publish: false } }])
})

t.test('on an open server too, a user with a new auth loses the rooms of the old one', async (t) => {
  const service = newService({ authenticate: (token) => token })
  const [ada, bob] = [addUser(service, 'json'), addUser(service, 'msgpack', 'bob')]
  const room = await service.createRoom({ restrictions: { users: ['bob'] } }, ada.id)
  await bob.ask('connect', { room: { uuid: room.uuid } })
  await bob.ask('hello', { token: 'eve' })
  t.equal(service.rooms.get(room.uuid)?.peers.size, 0)
  t.match(bob.take().at(-2), { event: 'kicked', data: { uuid: room.uuid, code: 'token' } })
  t.equal(Op.kicked, 52)
})
