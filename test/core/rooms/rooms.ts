/** Which room a user enters by name, if it asks for restrictions. */
import t from 'tap'
import type { Restrictions, RoomInfo } from '../../../src/core/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKnown, closedService } from '../fixture/identified.ts'
import { addKept, resume } from '../fixture/resuming.ts'
import { addUser, codecs, join, newService, subscribe, type TestUser } from '../fixture/user.ts'

const differ = { code: 'forbidden', reason: 'restrictions-differ' }

const enter = (user: TestUser, restrictions: Restrictions, create = true): Promise<unknown> =>
  user.ask('connect', { room: { name: 'lab', restrictions }, create })

for (const codec of codecs) {
  t.test(`${codec}: a user that asks for restrictions enters no other room of that name`, async (t) => {
    const service = newService()
    const [eve, ann] = [addUser(service, codec, 'eve'), addUser(service, codec, 'ann')]
    const uuid = join(service, 'lab', eve)
    eve.take()
    for (const restrictions of [{ users: ['ann'], max: 2 }, { users: ['ann'] }, { users: [] }, { max: 2 }]) {
      t.match(await enter(ann, restrictions), differ)
      t.match(await enter(ann, restrictions, false), differ)
    }
    await eve.ask('restrict', { uuid, restrictions: { max: 2 } })
    t.match(await enter(ann, { max: 2 }), differ, 'equal restrictions by another owner')
    t.strictSame(
      eve.take().filter((told) => 'event' in told && told.event === 'connect'),
      [],
      'nobody in the room notices',
    )
    t.equal(service.rooms.size, 1)
    t.strictSame(service.users.get(ann.id)?.info, {})
    t.match(await enter(ann, {}), { uuid }, 'no restrictions are asked for')
  })

  t.test(`${codec}: the owner enters its room with the same restrictions, and with no others`, async (t) => {
    const service = newService()
    const [ann, bob] = [addUser(service, codec, 'ann'), addUser(service, codec, 'bob')]
    const { uuid } = (await enter(ann, { users: ['ann', 'bob'], max: 2 })) as RoomInfo
    await ann.ask('disconnect', { uuid })
    for (const restrictions of [{ users: ['ann'], max: 2 }, { users: ['ann', 'bob'] }, { max: 2 }]) {
      t.match(await enter(ann, restrictions), differ)
    }
    t.match(await enter(ann, { users: ['bob', 'ann', 'bob'], max: 2 }), { uuid }, 'the order of users does not matter')
    t.match(await enter(bob, { users: ['ann', 'bob'], max: 2 }), differ, 'a listed user is no owner')
    t.match(await bob.ask('connect', { room: { name: 'lab' } }), { uuid, peers: [ann.id, bob.id] })
    t.match(await enter(ann, { users: ['ann', 'bob'], max: 2 }), { reason: 'already-in-room' })
  })

  t.test(`${codec}: the owner enters its own room, even if an older one has the same name`, async (t) => {
    const service = newService()
    const [eve, ann] = [addUser(service, codec), addUser(service, codec)]
    join(service, 'lab', eve)
    const { uuid } = (await ann.ask('createroom', { name: 'lab', restrictions: { max: 2 } })) as RoomInfo
    t.match(await enter(ann, { max: 2 }), { uuid, peers: [ann.id] })
  })

  t.test(`${codec}: a room that the user may not enter does not matter`, async (t) => {
    const service = newService()
    const [eve, ann] = [addUser(service, codec, 'eve'), addUser(service, codec, 'ann')]
    const hidden = (await enter(eve, { users: ['eve'] })) as RoomInfo
    t.match(await enter(ann, { users: ['ann'] }, false), { code: 'room-not-found' })
    t.match(await enter(ann, { users: ['ann'] }), { peers: [ann.id], restrictions: { users: ['ann'] } })
    t.ok(service.rooms.has(hidden.uuid))
  })

  t.test(
    `${codec}: beside a uuid, restrictions have no effect, as clients before version 1 send a listed room`,
    async (t) => {
      const service = newService()
      const [ann, bob] = [addUser(service, codec), addUser(service, codec)]
      const room = (await enter(ann, { max: 2 })) as RoomInfo
      await ann.ask('restrict', { uuid: room.uuid, restrictions: { max: 3 } })
      t.match(await bob.ask('connect', { room }), { uuid: room.uuid, peers: [ann.id, bob.id] })
    },
  )
}

t.test('a verified owner is recognized on any connection, and its room stays its own', async (t) => {
  const service = closedService({ clock: fakeClock() })
  const ann = await addKnown(service, { auth: 'ann' })
  const { uuid } = (await enter(ann, { max: 2 })) as RoomInfo
  ann.leave()
  const eve = await addKnown(service, { auth: 'eve' })
  t.match(await enter(eve, { max: 2 }), differ, 'an empty room keeps its verified owner')
  t.match(await enter(await addKnown(service, { auth: 'ann' }), { max: 2 }), { uuid })
})

t.test('on an open server, an owner that returns with another id replaces its empty room', async (t) => {
  const service = newService({ clock: fakeClock() })
  const ann = addUser(service, 'msgpack', 'ann')
  const bob = addUser(service, 'msgpack', 'bob')
  const { uuid } = (await enter(ann, { max: 2 })) as RoomInfo
  await bob.ask('connect', { room: { uuid } })
  ann.leave()
  const again = addUser(service, 'msgpack', 'ann')
  t.match(await enter(again, { max: 2 }), differ, 'the room may be controlled by whoever is in it')
  await bob.ask('disconnect', { uuid })
  t.match(await enter(again, { max: 3 }), differ, 'a room with other restrictions is not replaced')
  t.match(await enter(again, { max: 2 }, false), { code: 'room-not-found' })
  await subscribe(bob)
  const next = (await enter(again, { max: 2 })) as RoomInfo
  t.match(next, { initiator: again.id, peers: [again.id] })
  t.not(next.uuid, uuid)
  t.match(bob.take(), [
    { event: 'roomadded', data: { uuid: next.uuid } },
    { event: 'roomclosed', data: { uuid } },
  ])
  t.match(await bob.ask('connect', { room: { name: 'lab' } }), { uuid: next.uuid }, 'others enter the new room')
})

t.test(
  'a room is not replaced while its owner is connected or can resume, nor by a user that may not enter',
  async (t) => {
    const service = newService({ clock: fakeClock() })
    const { user: ann, token } = await addKept(service)
    const { uuid } = (await ann.ask('createroom', { name: 'lab', restrictions: { max: 2 } })) as RoomInfo
    const eve = addUser(service, 'msgpack', 'eve')
    t.match(await enter(eve, { max: 2 }), differ)
    ann.lose()
    t.match(await enter(eve, { max: 2 }), differ)
    const { user } = await resume(service, token, 1)
    t.match(await enter(user, { max: 2 }), { uuid })

    const bob = addUser(service, 'msgpack', 'bob')
    const cid = addUser(service, 'msgpack', 'cid')
    for (const name of ['two', 'two']) await cid.ask('createroom', { name, restrictions: { max: 2 } })
    cid.leave()
    t.match(await eve.ask('connect', { room: { name: 'two', restrictions: { max: 2 } }, create: true }), differ)
    const hidden = (await bob.ask('createroom', { name: 'hall', restrictions: { users: ['bob'] } })) as RoomInfo
    bob.leave()
    await eve.ask('connect', { room: { name: 'hall', restrictions: { users: ['bob'] } }, create: true })
    t.ok(service.rooms.has(hidden.uuid))
  },
)
