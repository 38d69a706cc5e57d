/** A change of the time of day, as an operator or a time server makes it, changes no duration. */
import t from 'tap'
import type { WebRTCServiceOptions } from '../../src/core/mod.ts'
import { fakeClock } from './fixture/clock.ts'
import { closedService } from './fixture/identified.ts'
import { addKept, resume } from './fixture/resuming.ts'
import { addUser, join, newService } from './fixture/user.ts'

const DAY = 86_400_000
const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

for (const [name, jump] of [
  ['a day ahead', DAY],
  ['a day back', -DAY],
] as const) {
  const start = (options: WebRTCServiceOptions = {}) => {
    const clock = fakeClock()
    return { clock, service: newService({ clock, ...options }) }
  }

  t.test(`${name}: drain takes its time`, async (t) => {
    const { clock, service } = start()
    const users = Array.from({ length: 100 }, () => addUser(service, 'json'))
    const closed = () => users.filter((user) => user.closed.length > 0).length
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 50) {
        clock.advance(50)
        await tick()
      }
    }
    const drained = service.drain(10_000)
    await pass(2_500)
    clock.jump(jump)
    await pass(2_500)
    t.ok(Math.abs(closed() - 50) <= 2, `${closed()} of 100 closed after half of the time`)
    await pass(5_000)
    await drained
    t.equal(closed(), 100)
  })

  t.test(`${name}: a sender over its rate gets no second burst, and the usual time to slow down`, async (t) => {
    const { clock, service } = start({ limits: { framesPerSecond: 10 } })
    const [ada, bob] = [addUser(service, 'json'), addUser(service, 'json')]
    join(service, 'lab', ada, bob)
    const sends = () => ada.relay('signal', bob.id, 0)
    for (let i = 0; i < 100; i++) t.equal(await sends(), undefined)
    clock.jump(jump)
    t.match(await sends(), { code: 'rate-limited' })
    clock.jump(jump)
    clock.advance(500)
    for (let i = 0; i < 5; i++) t.equal(await sends(), undefined, 'the rate goes on')
    t.match(await sends(), { code: 'rate-limited' })
    t.strictSame(ada.closed, [])
    clock.jump(jump)
    clock.advance(500)
    for (let i = 0; i < 5; i++) t.equal(await sends(), undefined)
    t.match(await sends(), { code: 'rate-limited' })
    t.match(ada.closed, [{ code: 1008 }], 'the second ends as long after the warning as ever')
  })

  t.test(`${name}: sessions, hellos and empty rooms have their time`, async (t) => {
    const { clock, service } = start({ resumeGrace: 30_000, emptyRoomTtl: 60_000 })
    const closed = closedService({ clock, limits: { helloTime: 10_000 } })
    const silent = addUser(closed, 'json')
    const { user: ada, token } = await addKept(service)
    const { user: eve, token: other } = await addKept(service)
    const bob = addUser(service, 'json')
    join(service, 'lab', bob)
    bob.leave()
    for (const one of [ada, eve]) one.lose()
    clock.jump(jump)
    clock.advance(9_999)
    t.strictSame(silent.closed, [])
    clock.advance(1)
    t.match(silent.closed, [{ code: 1008 }])
    clock.advance(19_999)
    t.match((await resume(service, token, 0)).answer, { recovered: true })
    clock.advance(1)
    t.match((await resume(service, other, 0)).answer, { recovered: false })
    t.equal(service.rooms.size, 1)
    clock.advance(30_000)
    t.equal(service.rooms.size, 0)
  })

  t.test(
    `${name}: TURN credentials expire by the new time, as the TURN server sees it, and are as long valid`,
    async (t) => {
      const turn = { urls: ['turn:turn.example.org'], secret: 'shared', ttl: 60_000 }
      const { clock, service } = start({ turn })
      // The time changes while the credentials are being signed.
      const signing = service.iceServers()
      clock.jump(jump)
      t.match(await signing, { expiresIn: 60_000 })
      const expires = (clock.now() + 60_000) / 1_000
      t.match(await service.iceServers(), { iceServers: [{ username: new RegExp(`^${expires}:`) }], expiresIn: 60_000 })
    },
  )
}

t.test('a clock without monotonic() measures durations by now()', async (t) => {
  const { monotonic: _, ...clock } = fakeClock()
  const service = newService({ clock, limits: { framesPerSecond: 10 } })
  const [ada, bob] = [addUser(service, 'json'), addUser(service, 'json')]
  join(service, 'lab', ada, bob)
  for (let i = 0; i < 100; i++) await ada.relay('signal', bob.id, 0)
  t.match(await ada.relay('signal', bob.id, 0), { code: 'rate-limited' })
  clock.advance(100)
  t.equal(await ada.relay('signal', bob.id, 0), undefined)
})
