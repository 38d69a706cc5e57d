import t from 'tap'
import { WebRTCService } from '../../mod.ts'

const user = (id?: number) => {
  const sent: unknown[] = []
  const closed: unknown[] = []
  return {
    id,
    sent,
    closed,
    send: (text: unknown) => sent.push(JSON.parse(text as string)),
    close: (code?: number) => closed.push(code),
  }
}

t.test('removing a connection that was rejected for a duplicate id keeps the owner of the id', async (t) => {
  const service = new WebRTCService({ codec: 'json' })
  const [ada, mallory] = [user(7), user(7)]
  service.addUser(ada, 'ada')
  t.throws(() => service.addUser(mallory, 'mallory'), { message: 'Cannot add a user: the id 7 is in use' })
  service.removeUser(mallory)
  t.ok(service.users.has(7))
})

t.test('a host can add a peer to a room itself', async (t) => {
  const service = new WebRTCService({ codec: 'json' })
  const [ada, bob] = [user(1), user(2)]
  for (const one of [ada, bob]) service.addUser(one, '')
  const { uuid } = await service.createRoom({}, 1)
  const room = service.rooms.get(uuid)
  for (const one of service.users.values()) room?.addPeer(one)
  service.pass('offer', 1, 2, 'hello')
  t.match(bob.sent.at(-1), { cmd: 'offer', data: { id: 1, msg: 'hello' } })
  service.removeUser(bob)
  t.same(room?.export().peers, [1], 'the peer is removed like any other')
  service.close()
})

t.test('an empty auth matches no restriction: only the owner can join the room', async (t) => {
  const service = new WebRTCService({ codec: 'json' })
  const [ada, eve] = [user(1), user(2)]
  for (const one of [ada, eve]) service.addUser(one, '')
  const { uuid } = await service.createRoom({ restrictions: { users: [''] } }, 1)
  t.throws(() => service.connect({ data: { room: { uuid } } }, 2), { code: 'room-not-found' })
  t.same(service.publicRooms(), [])
  t.ok(service.connect({ data: { room: { uuid } } }, 1))
  service.close()
})

t.test('close() closes each user with 1001 and notifies nobody of the others', async (t) => {
  const service = new WebRTCService({ codec: 'json' })
  const users = Array.from({ length: 50 }, () => user())
  for (const one of users) {
    service.addUser(one, '')
    service.connect({ data: { room: { name: 'lab' }, create: true } }, one.id as number)
  }
  for (const one of users) one.sent.length = 0
  service.close()
  for (const one of users) {
    service.removeUser(one)
    t.same([one.sent, one.closed], [[], [1001]])
  }
  t.same([service.users.size, service.rooms.size], [0, 0])
  t.throws(() => service.addUser(user(), ''), { code: 'server-full' })
})
