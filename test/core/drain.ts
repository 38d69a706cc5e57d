import t from 'tap'
import { fakeClock } from './fixture/clock.ts'
import { addKept } from './fixture/resuming.ts'
import { addUser, join, newService } from './fixture/user.ts'

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

async function pass(clock: ReturnType<typeof fakeClock>, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50)
    await tick()
  }
}

t.test('drain closes users evenly with 1012 and accepts no new ones', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const users = Array.from({ length: 200 }, () => addUser(service, 'json'))
  join(service, 'lab', ...users.slice(0, 2))
  const closed = () => users.filter((user) => user.closed.length > 0).length
  let done = false
  const drained = service.drain(10_000).then(() => {
    done = true
  })
  t.notOk(service.accepting)
  t.throws(() => addUser(service, 'json'), { code: 'server-full' })
  t.strictSame(service.counts.limited, {}, 'a draining service counts no limit')
  await pass(clock, 2_500)
  t.ok(Math.abs(closed() - 50) <= 2, `${closed()} closed after a quarter of the time`)
  t.match(await users[199]?.relay('signal', 1, 1), { code: 'not-in-room' }, 'the remaining users are served')
  await pass(clock, 5_000)
  t.ok(Math.abs(closed() - 150) <= 2, `${closed()} closed after three quarters of the time`)
  t.notOk(done)
  await pass(clock, 2_500)
  await drained
  for (const user of users) t.strictSame(user.closed, [{ code: 1012, reason: 'Server restarting' }])
  t.equal(clock.waiting, 0)
})

t.test('drain closes at least ten users a second, and takes no time without users', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  await service.drain(10_000)
  const other = newService({ clock })
  const users = [1, 2, 3].map(() => addUser(other, 'json'))
  const drained = other.drain(10_000)
  await pass(clock, 300)
  await drained
  t.ok(users.every(({ closed }) => closed.length === 1))
  const third = newService({ clock })
  addUser(third, 'json')
  await third.drain(0)
})

t.test('peers are not notified of a disconnected user that drain has closed', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada } = await addKept(service)
  const bob = addUser(service, 'json')
  join(service, 'lab', ada, bob)
  bob.take()
  await service.drain(0)
  ada.lose()
  service.close()
  t.strictSame(bob.take(), [])
})
