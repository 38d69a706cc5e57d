/** What one user may send in a second. Above that, the service warns the user and then closes it. */
import t from 'tap'
import { serverLimits } from '../../../src/core/mod.ts'
import { encodeFrame, encodeRelay, Op } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKept, resume } from '../fixture/resuming.ts'
import { addUser, codecs, join, newService, refused, type TestUser } from '../fixture/user.ts'

/** Sends a signal from the first user to the second. */
const signal = (ada: TestUser, bob: TestUser) => ada.relay('signal', bob.id, 0)

t.test('a user with too many messages is warned, then closed with 1008', async (t) => {
  for (const codec of codecs) {
    const clock = fakeClock()
    const service = newService({ clock, limits: { framesPerSecond: 10 } })
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    join(service, 'lab', ada, bob)
    for (let i = 0; i < 100; i++) await signal(ada, bob)
    t.equal(service.counts.relayed, 100)
    bob.take()
    ada.take()
    const warning = { code: 'rate-limited', reason: 'too-fast' }
    t.match(await ada.ask('rooms'), warning)
    await signal(ada, bob)
    t.match(ada.take(), [{ error: warning, seq: ada.asked }, { error: { ...warning, peer: bob.id } }])
    t.strictSame([ada.closed, bob.take()], [[], []], 'a warning rejects one message, and nothing else')

    clock.advance(950)
    for (let i = 0; i < 9; i++) t.equal(await signal(ada, bob), undefined, 'the user can still send at the rate')
    t.match(await signal(ada, bob), warning)
    t.strictSame(ada.closed, [])
    clock.advance(51)
    await signal(ada, bob)
    t.match(await signal(ada, bob), warning)
    t.match(ada.closed, [{ code: 1008 }], 'the user is closed a second after the warning')
    t.notOk(service.users.has(ada.id), 'a closed user is removed')
    t.match(bob.take().at(-1), { event: 'disconnectPeer', data: { id: ada.id } })
    t.strictSame(service.counts.limited, { framesPerSecond: 4 })
    t.strictSame(service.counts.refused, { 'rate-limited': 4 })
  }
})

t.test('a request counts as ten messages', async (t) => {
  for (const codec of codecs) {
    const clock = fakeClock()
    const service = newService({ clock, limits: { framesPerSecond: 100 } })
    const ada = addUser(service, codec)
    const isRefused = () => ada.take().some((told) => 'error' in told && told.error.reason === 'too-fast')
    let count = 0
    for (; !isRefused(); count++) await ada.ask('disconnect', { uuid: 5 })
    t.equal(count, 101)
  }
})

t.test('a warning expires for a user that slows down, but a hundred rejections close any user', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock, limits: { framesPerSecond: 10 } })
  const [ada, bob] = [addUser(service, 'json'), addUser(service, 'json')]
  join(service, 'lab', ada, bob)
  for (let i = 0; i < 101; i++) await signal(ada, bob)
  clock.advance(10_000)
  for (let i = 0; i < 101; i++) await signal(ada, bob)
  t.strictSame(ada.closed, [], 'two warnings ten seconds apart do not close the user')
  t.equal(service.counts.limited.framesPerSecond, 2)
  for (let i = 0; i < 99; i++) await signal(ada, bob)
  t.strictSame(ada.closed, [])
  await signal(ada, bob)
  t.match(ada.closed, [{ code: 1008 }], 'a hundred rejections close the user, however soon')
})

t.test('the service limits bytes a second', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock, limits: { bytesPerSecond: 1_000 } })
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob)
  const send = (bytes: number) => service.onmessage(encodeRelay(Op.data, bob.id, new Uint8Array(bytes - 11)), ada.ws)
  await send(9_999)
  await send(200)
  t.match(await send(100).catch(refused), { code: 'rate-limited', reason: 'too-fast' })
  t.strictSame(service.counts.limited, { bytesPerSecond: 1 })
  clock.advance(500)
  await send(100)
})

t.test('unreadable messages and pings count too', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { framesPerSecond: 10 } })
  const eve = addUser(service, 'msgpack')
  const junk = new Uint8Array([0xc1])
  for (let i = 0; i < 50; i++) await service.onmessage(junk, eve.ws).catch(refused)
  for (let i = 0; i < 50; i++) await eve.tell('ping', 0)
  t.match(await service.onmessage(junk, eve.ws).catch(refused), { reason: 'too-fast' })
  t.match(await eve.tell('ping', 0), { reason: 'too-fast' })
})

t.test('a new connection does not reset the rate of a session', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { framesPerSecond: 10 } })
  const { user: ada, token } = await addKept(service)
  for (let i = 0; i < 99; i++) await ada.tell('ping', 0)
  ada.lose()
  const { user: again } = await resume(service, token, 0)
  await again.tell('ping', 0)
  t.match(await again.ask('rooms'), { reason: 'too-fast' })
})

t.test('messages over the rate count as received when a session resumes', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { framesPerSecond: 2 } })
  const { user: ada, token } = await addKept(service)
  for (let i = 0; i < 15; i++) await ada.ask('rooms')
  ada.lose()
  t.match((await resume(service, token, 15)).answer, { recovered: true, received: 15 })
})

t.test('an embedded service has no rate limit, and a server allows 1,000 messages a second', async (t) => {
  const service = newService({ clock: fakeClock() })
  const ada = addUser(service, 'msgpack')
  const frame = encodeFrame([Op.ice, 1, null])
  for (let i = 0; i < 20_000; i++) service.receive(frame, ada.ws)
  t.strictSame(service.counts.limited, {})
  t.match(serverLimits, { framesPerSecond: 1_000, bytesPerSecond: 2_097_152, roomsMadePerUser: 100 })
})
