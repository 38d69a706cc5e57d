import t from 'tap'
import { Room, type UserType } from '../../../src/core/mod.ts'
import { RoomTimers } from '../../../src/core/rooms/room-timers.ts'
import { until } from '../../fixture/until.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addUser, join, newService, subscribe } from '../fixture/user.ts'

const minutes = 60_000

t.test('a timer calls once, after its time', async (t) => {
  const clock = fakeClock()
  const expired: Room[] = []
  const timers = new RoomTimers(clock, 100, (room) => expired.push(room))
  const [a, b, c] = [new Room(0), new Room(0), new Room(0)]
  timers.start(a)
  timers.start(b)
  clock.advance(60)
  timers.start(a)
  timers.stop(b)
  timers.stop(c)
  t.equal(clock.waiting, 1, 'a restarted timer is one timer, not two')
  clock.advance(99)
  t.strictSame(expired, [])
  clock.advance(1)
  clock.advance(1_000)
  t.equal(expired.length, 1)
  t.equal(expired[0], a)
})

t.test('clear() stops all timers', async (t) => {
  const clock = fakeClock()
  const timers = new RoomTimers(clock, 100, () => t.fail('expired'))
  timers.start(new Room(0))
  timers.start(new Room(0))
  timers.clear()
  t.equal(clock.waiting, 0)
  clock.advance(1_000)
})

t.test(
  'a room that nobody joined is deleted after five minutes, and users that could see it are notified',
  async (t) => {
    const clock = fakeClock()
    const service = newService({ clock })
    const [ada, bob] = [addUser(service, 'msgpack', 'ada'), addUser(service, 'json', 'bob')]
    await subscribe(ada)
    const open = await service.createRoom({}, ada.id)
    const hers = await service.createRoom({ restrictions: { users: ['ada'] } }, ada.id)
    for (const user of [ada, bob]) user.take()
    clock.advance(5 * minutes - 1)
    t.equal(service.rooms.size, 2)
    clock.advance(1)
    t.equal(service.rooms.size, 0)
    t.strictSame(bob.take(), [{ event: 'roomclosed', data: { uuid: open.uuid } }])
    t.strictSame(
      ada.take(),
      [open, hers].map(({ uuid }) => ({ event: 'roomclosed', data: { uuid } })),
    )
  },
)

t.test('a room with a peer stays, and the five minutes begin when the last one has left', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  const uuid = join(service, 'lab', ada)
  t.equal(clock.waiting, 0)
  clock.advance(60 * minutes)
  t.ok(service.rooms.has(uuid))
  join(service, 'lab', bob)
  ada.leave()
  t.equal(clock.waiting, 0)
  await bob.ask('disconnect')
  clock.advance(4 * minutes)
  await bob.ask('connect', { room: { uuid } })
  clock.advance(60 * minutes)
  t.ok(service.rooms.has(uuid), 'a peer that joins in time keeps the room')
  await bob.ask('disconnect', { uuid })
  clock.advance(5 * minutes)
  t.notOk(service.rooms.has(uuid))
  t.match(await bob.ask('connect', { room: { uuid } }), { code: 'room-not-found' })
  t.match(
    await bob.ask('connect', { room: { name: 'lab' } }),
    { code: 'room-not-found' },
    'the name finds no room either',
  )
})

t.test('a room to which its host added a peer is not deleted', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const ada = addUser(service, 'json')
  const { uuid } = await service.createRoom({}, ada.id)
  service.rooms.get(uuid)?.addPeer(service.users.get(ada.id) as UserType)
  clock.advance(60 * minutes)
  t.ok(service.rooms.has(uuid))
})

t.test('emptyRoomTtl sets another time than five minutes', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock, emptyRoomTtl: 1_000 })
  const ada = addUser(service, 'json')
  await service.createRoom({}, ada.id)
  clock.advance(1_000)
  t.equal(service.rooms.size, 0)
})

t.test('without a clock option, a service uses real timers, which keep no program alive', async (t) => {
  const service = newService({ emptyRoomTtl: 1 })
  const ada = addUser(service, 'json')
  await service.createRoom({}, ada.id)
  await until(() => service.rooms.size === 0)
  t.equal(service.rooms.size, 0)
  // This room expires in five minutes, and the test still ends at once.
  const other = newService()
  await other.createRoom({}, addUser(other, 'json').id)
})
