/** The cost of commands, counted in sent messages. Times would depend on the machine. */
import t from 'tap'
import { encodeFrame, Op, SUBPROTOCOL } from '../../src/protocol/mod.ts'
import { until } from '../fixture/until.ts'
import { join, newService } from './fixture/user.ts'

const count = { sends: 0 }

function crowd(size: number): { service: ReturnType<typeof newService>; users: { id: number; leave(): void }[] } {
  const service = newService()
  const users = Array.from({ length: size }, (_, i) => {
    const ws = { id: i + 1, protocol: i % 2 === 0 ? SUBPROTOCOL : '', send: () => void count.sends++ }
    service.addUser(ws, `user ${i}`)
    return { id: ws.id, leave: () => service.removeUser(ws) }
  })
  return { service, users }
}

function sends(call: () => unknown): number {
  count.sends = 0
  call()
  return count.sends
}

t.test('joining and leaving cost messages to the peers in the room, however many users there are', async (t) => {
  for (const size of [10, 1_000, 10_000]) {
    const { service, users } = crowd(size)
    const [a, b, c, d] = users as [(typeof users)[0], (typeof users)[0], (typeof users)[0], (typeof users)[0]]
    join(service, 'lab', a)
    t.equal(
      sends(() => join(service, 'lab', b)),
      2,
      `one pair among ${size} users`,
    )
    t.equal(
      sends(() => join(service, 'lab', c)),
      4,
    )
    t.equal(
      sends(() => join(service, 'lab', d)),
      6,
    )
    t.equal(
      sends(() => service.disconnect({}, b.id)),
      3,
    )
    t.equal(
      sends(() => c.leave()),
      2,
    )
    t.equal(
      sends(() => users[5]?.leave()),
      0,
      'nobody is notified of a user that was in no room',
    )
  }
})

t.test('a created room costs one event for each JSON user that may see it, and no new listing', async (t) => {
  const { service, users } = crowd(100)
  const maker = users[0] as (typeof users)[0]
  t.equal(
    sends(() => service.createRoom({ name: 'open' }, maker.id)),
    50,
  )
  const restrictions = { users: ['user 1', 'user 2', 'nobody'] }
  t.equal(
    sends(() => service.createRoom({ restrictions }, maker.id)),
    1,
    'of the users that it names and its owner, one speaks JSON',
  )
})

t.test('an event is encoded once for each codec', async (t) => {
  const service = newService()
  const got: unknown[] = []
  const frame = encodeFrame([Op.rooms, 1, { subscribe: true }])
  for (let i = 1; i <= 3; i++) {
    const ws = { id: i, protocol: SUBPROTOCOL, send: (data: unknown) => void got.push(data) }
    service.addUser(ws, '')
    service.receive(frame, ws)
  }
  got.length = 0
  await service.createRoom({}, 1)
  t.equal(got.length, 3)
  t.equal(new Set(got).size, 1, 'all users receive the same buffer')
})

t.test('a signal costs one message', async (t) => {
  const { service, users } = crowd(1_000)
  join(service, 'lab', ...users.slice(0, 20))
  await until(() => service.counts.pending === 0)
  t.equal(
    sends(() => service.pass('offer', 1, 2, {})),
    1,
  )
})
