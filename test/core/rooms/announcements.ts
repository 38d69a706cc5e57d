/** Rooms are announced to JSON users and to subscribers. Peers receive changes and the end of their room. */
import t from 'tap'
import type { RoomInfo, WebRTCService } from '../../../src/core/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKept, resume } from '../fixture/resuming.ts'
import { addUser, type Codec, codecs, join, newService, subscribe, type TestUser } from '../fixture/user.ts'

const tick = 50
const events = (user: TestUser) => user.take().flatMap((told) => ('event' in told ? [[told.event, told.data]] : []))

/** Adds users with the verified identities `ada`, `bob` and `cid`. */
const addNamed = (service: WebRTCService, codec: Codec) =>
  [addUser(service, codec, 'ada'), addUser(service, codec, 'bob'), addUser(service, codec, 'cid')] as const

t.test('a binary user without a subscription receives no announcements', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const [ada, bob, cid] = [addUser(service, 'msgpack'), addUser(service, 'msgpack'), addUser(service, 'json')]
  t.match(bob.take().at(-1), { event: 'rooms', data: [] })
  cid.take()
  const { uuid } = (await ada.ask('createroom', { name: 'lab' })) as RoomInfo
  await ada.ask('restrict', { uuid, restrictions: { max: 3 } })
  clock.advance(tick)
  await ada.ask('closeroom', { uuid })
  t.strictSame(events(bob), [])
  t.match(events(cid), [
    ['roomadded', { uuid }],
    ['roomchanged', { uuid, restrictions: { max: 3 } }],
    ['roomclosed', { uuid }],
  ])
})

t.test('peers receive changes and the end of their room', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  const uuid = join(service, 'lab', ada, bob)
  bob.take()
  await ada.ask('restrict', { uuid, restrictions: { max: 3 } })
  t.strictSame(events(bob), [])
  clock.advance(tick)
  t.match(events(bob), [['roomchanged', { uuid, restrictions: { max: 3 }, peers: [ada.id, bob.id] }]])
  await ada.ask('restrict', { uuid, restrictions: { users: [] } })
  clock.advance(tick)
  t.match(events(bob), [['kicked', { uuid }]], 'the user is no peer any more')
  await ada.ask('closeroom', { uuid, reason: 'Done' })
  t.strictSame(events(bob), [])
  t.match(events(ada).at(-1), ['roomclosed', { uuid, reason: 'Done' }])
})

for (const codec of codecs) {
  t.test(`${codec}: a subscriber receives rooms whose names begin with one of its prefixes`, async (t) => {
    const service = newService({ clock: fakeClock() })
    const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, codec)]
    await bob.ask('rooms', { subscribe: false })
    const make = async (...names: string[]) => {
      for (const name of names) await ada.ask('createroom', { name })
      return events(bob).map(([, room]) => (room as RoomInfo).name)
    }
    await make('lab 0', 'hall 0')
    t.match(await bob.ask('rooms', { subscribe: true, prefix: 'lab' }), { data: [{ name: 'lab 0' }] })
    t.strictSame(await make('lab 1', 'hall 1', 'la'), ['lab 1'])
    await bob.ask('rooms', { subscribe: true, prefix: 'ha' })
    t.strictSame(await make('lab 2', 'hall 2', 'la 2'), ['lab 2', 'hall 2'])
    t.match(await bob.ask('rooms', { subscribe: false, prefix: 'lab' }), { data: [] })
    t.strictSame(await make('lab 3', 'hall 3'), ['hall 3'])
    await bob.ask('rooms', { subscribe: true })
    t.strictSame(await make('lab 4', 'hall 4', 'attic'), ['lab 4', 'hall 4', 'attic'], 'one event each')
    t.equal(service.counts.announced, 1)
    await bob.ask('rooms', { subscribe: false })
    t.strictSame(await make('lab 5', 'hall 5'), [])
    t.equal(service.counts.announced, 0)
    for (let i = 0; i < 32; i++) await bob.ask('rooms', { subscribe: true, prefix: `${i}` })
    t.match(await bob.ask('rooms', { subscribe: true, prefix: '31' }), { cmd: 'rooms' })
    t.match(await bob.ask('rooms', { subscribe: true, prefix: '32' }), { reason: 'too-many-subscriptions' })
  })

  t.test(`${codec}: changes of a room within a tick are announced once`, async (t) => {
    const clock = fakeClock()
    const service = newService({ clock })
    const [ada, bob, cid] = addNamed(service, codec)
    const uuid = join(service, 'lab', ada)
    await subscribe(ada, bob, cid)
    const restrict = (restrictions: object) => ada.ask('restrict', { uuid, restrictions })
    for (const max of [1, 2, 3]) await restrict({ max })
    t.equal(clock.waiting, 1)
    clock.advance(tick - 1)
    t.strictSame(events(bob), [])
    clock.advance(1)
    const changed = ['roomchanged', { restrictions: { max: 3 } }]
    for (const user of [ada, bob, cid]) t.match(events(user), [changed])
    t.equal(clock.waiting, 0)

    await restrict({ users: ['bob'] })
    await restrict({ users: ['cid'] })
    clock.advance(tick)
    t.strictSame(events(bob), [['roomclosed', { uuid }]])
    t.match(events(cid), [['roomchanged', { restrictions: { users: ['cid'] } }]])

    await restrict({ users: ['bob'] })
    await restrict({ users: [] })
    clock.advance(tick)
    t.strictSame(events(bob), [], 'a room that the user could see only within the tick is not announced')
    t.strictSame(events(cid), [['roomclosed', { uuid }]])
  })

  t.test(`${codec}: a room that changes and ends within a tick ends for those that knew it`, async (t) => {
    const clock = fakeClock()
    const service = newService({ clock })
    const [ada, bob, cid] = addNamed(service, codec)
    await subscribe(bob, cid)
    const { uuid } = (await ada.ask('createroom', { restrictions: { users: ['bob'] } })) as RoomInfo
    t.match(events(bob), [['roomadded', { uuid }]])
    await ada.ask('restrict', { uuid, restrictions: { users: ['cid'] } })
    await ada.ask('closeroom', { uuid })
    clock.advance(1_000)
    t.strictSame(events(bob), [['roomclosed', { uuid }]])
    t.strictSame(events(cid), [])
  })

  t.test(`${codec}: a user that subscribes within a tick receives each room once`, async (t) => {
    const clock = fakeClock()
    const service = newService({ clock })
    const [ada, bob, cid] = [addUser(service, 'msgpack'), addUser(service, 'msgpack'), addUser(service, codec)]
    await cid.ask('rooms', { subscribe: false })
    await subscribe(bob)
    const uuid = join(service, 'lab', ada)
    cid.take()
    bob.take()
    await ada.ask('restrict', { uuid, restrictions: { max: 3 } })
    t.match(await cid.ask('rooms', { subscribe: true }), { data: [{ restrictions: { max: 3 } }] })
    t.match(events(bob), [['roomchanged', { uuid }]], 'others receive the change before')
    clock.advance(tick)
    t.strictSame([...events(bob), ...events(cid)], [])
  })
}

t.test('a user that joins within a tick has the change from the answer', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  const uuid = join(service, 'lab', ada)
  await ada.ask('restrict', { uuid, restrictions: { max: 3 } })
  for (const user of [ada, bob]) user.take()
  t.match(await bob.ask('connect', { room: { uuid } }), { restrictions: { max: 3 } })
  clock.advance(tick)
  t.match(events(bob), [['connect', { id: ada.id }]])
  t.match(events(ada), [
    ['connect', { id: bob.id }],
    ['roomchanged', { peers: [ada.id, bob.id] }],
  ])
})

t.test('the service limits the users that receive announcements', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { announcedUsers: 2 } })
  const [ada, bob, cid] = [addUser(service, 'json'), addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  await subscribe(bob)
  t.match(await cid.ask('rooms', { subscribe: true }), { code: 'server-full' })
  t.match(await cid.ask('rooms', {}), { data: [] }, 'a user can list rooms without a subscription')
  const { uuid } = (await bob.ask('createroom', {})) as RoomInfo
  const dan = addUser(service, 'json')
  t.match(dan.take(), [{ event: 'rooms', data: [{ uuid }] }], 'a JSON user is still sent the rooms at first')
  for (const user of [ada, bob, cid]) user.take()
  await bob.ask('createroom', {})
  t.strictSame(
    [ada, bob, cid, dan].map((user) => events(user).length),
    [1, 1, 0, 0],
  )
  t.strictSame(service.counts.limited, { announcedUsers: 2 })
  t.equal(service.counts.announced, 2)
  t.match(await bob.ask('rooms', { subscribe: true, prefix: 'l' }), { data: [] }, 'a subscriber can subscribe to more')
  ada.leave()
  t.equal(service.counts.announced, 1)
  t.match(await cid.ask('rooms', { subscribe: true }), { cmd: 'rooms' })
  service.close()
  t.equal(service.counts.announced, 0)
})

t.test('a session that resumes stays subscribed, and a temporary user is no subscriber', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  const bob = addUser(service, 'msgpack')
  ada.lose()
  await bob.ask('createroom', { name: 'missed' })
  const temporary = addUser(service, 'msgpack')
  await subscribe(temporary)
  t.equal(service.counts.announced, 2)
  await temporary.ask('hello', { resume: { token, received: 0 } })
  t.equal(service.counts.announced, 1)
  await bob.ask('createroom', { name: 'next' })
  t.match(temporary.take(), [{ ok: {} }, { data: { name: 'missed' } }, { data: { name: 'next' } }])
  const { user } = await resume(service, 'unknown', 0)
  await bob.ask('createroom', { name: 'last' })
  t.strictSame(events(user), [], 'after a fresh start a client must subscribe again')
})

t.test('close() stops the timer of pending announcements', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const ada = addUser(service, 'json')
  const uuid = join(service, 'lab', ada)
  await ada.ask('restrict', { uuid, restrictions: { max: 3 } })
  service.close()
  t.equal(clock.waiting, 0)
})
