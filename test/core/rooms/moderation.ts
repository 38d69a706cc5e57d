import t from 'tap'
import type { RoomInfo } from '../../../src/core/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKnown, closedService } from '../fixture/identified.ts'
import { addUser, codecs, join, newService, subscribe, type TestUser } from '../fixture/user.ts'

const notInitiator = { code: 'forbidden', reason: 'not-initiator' }
const events = (user: TestUser) => user.take().filter((told) => 'event' in told)

for (const codec of codecs) {
  t.test(`${codec}: the owner, and nobody else, can close a room`, async (t) => {
    const clock = fakeClock()
    const service = newService({ clock })
    const [ada, bob, eve] = [addUser(service, codec), addUser(service, codec), addUser(service, codec)]
    const uuid = join(service, 'lab', ada, bob)
    await subscribe(ada, bob, eve)
    t.match(await bob.ask('closeroom', { uuid }), notInitiator)
    t.match(await bob.ask('closeroom', { uuid: 5 }), { code: 'room-not-found' })
    t.match(await bob.ask('closeroom', { uuid, reason: 'x'.repeat(257) }), { code: 'bad-frame' })
    bob.take()
    t.strictSame(await ada.ask('closeroom', { uuid, reason: 'Done' }), { cmd: 'roomclosed' })
    const closed = { event: 'roomclosed', data: { uuid, reason: 'Done' } }
    t.strictSame(ada.take(), [closed, { ok: { cmd: 'roomclosed' }, seq: 2 }], 'every user is notified once')
    t.strictSame(bob.take(), [closed])
    t.strictSame(eve.take(), [closed])
    t.equal(service.rooms.size, 0)
    t.equal(clock.waiting, 0)
    t.match(await ada.relay('offer', bob.id, 1), { code: 'not-in-room' })
    t.match(await ada.ask('closeroom', { uuid }), { code: 'room-not-found' })
    t.match(
      await bob.ask('connect', { room: { name: 'lab' }, create: true }),
      { peers: [bob.id] },
      'the name is free again',
    )
  })

  t.test(`${codec}: the owner, and nobody else, can kick peers`, async (t) => {
    const service = newService()
    const [ada, bob, cid] = [addUser(service, codec), addUser(service, codec), addUser(service, codec)]
    const uuid = join(service, 'lab', ada, bob, cid)
    for (const user of [ada, bob, cid]) user.take()
    t.match(await bob.ask('kick', { uuid, peer: cid.id }), notInitiator)
    t.match(await ada.ask('kick', { uuid, peer: 5 }), { code: 'peer-not-found' })
    for (const user of [ada, bob]) user.take()
    t.equal(await ada.ask('kick', { uuid, peer: bob.id, reason: 'Too loud' }), null)
    t.strictSame(bob.take(), [{ event: 'kicked', data: { uuid, code: 'kicked', reason: 'Too loud' } }])
    const gone = { event: 'disconnectPeer', data: { id: bob.id, info: {}, room: uuid } }
    t.strictSame(ada.take(), [gone, { ok: null, seq: 2 }])
    t.strictSame(cid.take(), [gone])
    t.match(await bob.relay('offer', ada.id, 1), { code: 'not-in-room' })
    t.strictSame(bob.closed, [], 'the kicked user stays connected')
    t.match(await bob.ask('connect', { room: { uuid } }), { uuid }, 'the kicked user can rejoin')
  })

  t.test(`${codec}: the owner can restrict a room while peers are in it`, async (t) => {
    const clock = fakeClock()
    const service = newService({ clock })
    const [ada, bob, cid] = ['ada', 'bob', 'cid'].map((auth) => addUser(service, codec, auth)) as [
      TestUser,
      TestUser,
      TestUser,
    ]
    const [dan, eve] = [addUser(service, codec, 'dan'), addUser(service, codec, 'eve')]
    const { uuid } = await service.createRoom({ restrictions: { users: ['bob', 'cid', 'eve'] } }, ada.id)
    for (const user of [ada, bob, cid]) await user.ask('connect', { room: { uuid } })
    await subscribe(ada, bob, cid, dan, eve)
    t.match(await bob.ask('restrict', { uuid, restrictions: {} }), notInitiator)
    t.match(await ada.ask('restrict', { uuid, restrictions: { max: 0 } }), { code: 'bad-frame' })
    t.match(await dan.ask('restrict', { uuid, restrictions: {} }), { code: 'room-not-found' })
    for (const user of [ada, bob, dan]) user.take()

    const restrictions = { users: ['bob', 'dan'], max: 1 }
    const room = (await ada.ask('restrict', { uuid, restrictions })) as RoomInfo
    t.match(room, { uuid, restrictions, peers: [ada.id, bob.id] }, 'the owner stays, and max removes nobody')
    const gone = { event: 'disconnectPeer', data: { id: cid.id, info: {}, room: uuid } }
    t.strictSame(ada.take(), [gone, { ok: room, seq: ada.asked }])
    t.equal(clock.waiting, 1)
    clock.advance(50)
    const changed = { event: 'roomchanged', data: room }
    t.strictSame(ada.take(), [changed], 'the change is announced at the end of the tick')
    t.strictSame(bob.take(), [gone, changed])
    t.strictSame(cid.take(), [
      { event: 'kicked', data: { uuid, code: 'restricted', reason: '' } },
      { event: 'roomclosed', data: { uuid } },
    ])
    t.strictSame(dan.take(), [{ event: 'roomadded', data: room }], 'a user that may see the room now is notified')
    t.strictSame(
      eve.take(),
      [{ event: 'roomclosed', data: { uuid } }],
      'a user that may no longer see the room is notified that it is closed',
    )
    t.match(await cid.relay('offer', ada.id, 1), { code: 'not-in-room' })
    t.match(await cid.ask('connect', { room: { uuid } }), { code: 'room-not-found' })
    t.match(await dan.ask('connect', { room: { uuid } }), { code: 'room-full' })
    await ada.ask('restrict', { uuid, restrictions: {} })
    t.match(await cid.ask('connect', { room: { uuid } }), { uuid }, 'a restriction that is left out no longer applies')
  })
}

t.test('an unverified auth makes nobody the owner', async (t) => {
  const service = newService({ authenticate: (token) => token })
  const ada = addUser(service, 'json', 'ada')
  const uuid = join(service, 'lab', ada)
  t.match(await addUser(service, 'json', 'ada').ask('closeroom', { uuid }), notInitiator)
  ada.leave()
  t.match(await addUser(service, 'json', 'ada').ask('closeroom', { uuid }), notInitiator)
})

t.test('with a token, the owner of a room stays its owner on another connection', async (t) => {
  const service = closedService()
  const ada = await addKnown(service, { auth: 'ada' })
  const { uuid } = await service.createRoom({ name: 'lab', restrictions: { users: ['bob'] } }, ada.id)
  ada.leave()
  const eve = await addKnown(service, { auth: 'bob' })
  t.match(await eve.ask('closeroom', { uuid }), notInitiator)
  const again = await addKnown(service, { auth: 'ada' })
  t.match(
    await again.ask('connect', { room: { uuid } }),
    { peers: [again.id] },
    'the owner can join though the restrictions do not name it',
  )
  t.match(await again.ask('restrict', { uuid, restrictions: { users: [] } }), { peers: [again.id] })
  t.match(await again.ask('closeroom', { uuid }), { cmd: 'roomclosed' })
})

t.test('an admin sees and moderates every room, and joins only rooms that allow it', async (t) => {
  const service = closedService()
  const ada = await addKnown(service, { auth: 'ada' })
  const root = await addKnown(service, { auth: 'root', admin: true })
  await subscribe(root)
  const { uuid } = await service.createRoom({ name: 'private', restrictions: { users: [] } }, ada.id)
  await ada.ask('connect', { room: { uuid } })
  t.match(root.take(), [{ event: 'roomadded', data: { uuid } }])
  t.match(await root.ask('rooms'), { data: [{ uuid, peers: [ada.id] }] })
  t.match(await root.ask('connect', { room: { uuid } }), { code: 'room-not-found' })
  t.match(await root.ask('connect', { room: { name: 'private' } }), { code: 'room-not-found' })
  ada.take()
  root.take()
  t.equal(await root.ask('kick', { uuid, peer: ada.id, reason: 'Bye' }), null)
  t.match(events(ada), [{ event: 'kicked', data: { reason: 'Bye' } }])
  t.match(await root.ask('restrict', { uuid, restrictions: { users: ['root'] } }), { uuid })
  t.match(await root.ask('connect', { room: { uuid } }), { peers: [root.id] })
  t.match(await root.ask('closeroom', { uuid }), { cmd: 'roomclosed' })
  const nobody = await addKnown(service, { auth: 'nobody', admin: false })
  const other = join(service, 'lab', ada)
  t.match(await nobody.ask('closeroom', { uuid: other }), notInitiator)
})
