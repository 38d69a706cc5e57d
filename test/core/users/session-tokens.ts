/** Who may go on with a session: whoever has its newest token, or the one before it until the newest has arrived. */
import t from 'tap'
import { SignalError } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKept, type Resumed, resume } from '../fixture/resuming.ts'
import { addUser, join, newService } from '../fixture/user.ts'

t.test('a stolen old token goes on with nothing, and disturbs nobody', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  ada.lose()
  const { user: again, answer } = await resume(service, token, 0)
  t.ok(answer.recovered)
  await again.tell('ping', 0)
  const { user: thief, answer: refused } = await resume(service, token, 0)
  t.match(refused, { id: thief.id, recovered: false, rooms: [], resume: { token: String } })
  t.strictSame(again.closed, [])
  t.equal(service.users.get(ada.id)?.ws, again.ws)
  t.equal(service.counts.resumed.refused, 1)
  again.lose()
  t.match((await resume(service, answer.resume.token, 0)).answer, { id: ada.id, recovered: true })
})

t.test('any message at all shows that the new token has arrived', async (t) => {
  for (const say of ['rooms', 'nonsense', 'pong'] as const) {
    const service = newService({ clock: fakeClock() })
    const { user: ada, token } = await addKept(service)
    ada.lose()
    const { user: again } = await resume(service, token, 0)
    if (say === 'rooms') await again.ask('rooms')
    else if (say === 'pong') await again.tell('pong', 0)
    else await service.onmessage(new Uint8Array([0xc1]), again.ws).catch(() => {})
    t.match((await resume(service, token, 0)).answer, { recovered: false }, say)
  }
})

t.test('cut in the middle of resuming, the old token is good once more; the one that was lost never is', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  ada.lose()
  const { user: cut, answer: lost } = await resume(service, token, 0)
  cut.lose()
  const { user: again, answer } = await resume(service, token, 0)
  t.match(answer, { id: ada.id, recovered: true })
  again.lose()
  t.match((await resume(service, lost.resume.token, 0)).answer, { recovered: false }, 'two are good at most')
  const { answer: newest } = await resume(service, answer.resume.token, 0)
  t.match(newest, { recovered: true })
  t.match((await resume(service, token, 0)).answer, { recovered: false }, 'the newest was used: the old one is over')
  t.equal(service.counts.resumed.recovered, 3)
})

t.test('a second resume displaces the first connection, of which nothing more is taken', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  const bob = addUser(service, 'msgpack')
  join(service, 'lab', ada, bob)
  for (const user of [ada, bob]) user.take()
  const { user: second, answer } = await resume(service, token, 2)
  t.match(answer, { id: ada.id, recovered: true })
  t.strictSame(ada.closed, [{ code: 4000, reason: 'Displaced' }])
  t.match(await ada.relay('signal', bob.id, 'old'), { code: 'unauthorized' })
  ada.lose()
  ada.leave()
  await bob.relay('signal', ada.id, 'hi')
  t.match(second.take().at(-1), { relay: 'signal', msg: 'hi' })
  const { user: third } = await resume(service, token, 3)
  t.strictSame(second.closed, [{ code: 4000, reason: 'Displaced' }], 'with the same token once more')
  await third.relay('signal', bob.id, 'new')
  t.strictSame(bob.take(), [{ relay: 'signal', from: ada.id, msg: 'new' }])
  t.match(service.counts, { waiting: 0, resumed: { recovered: 2, displaced: 2 } })
})

t.test('an auth that is not the session’s goes on with nothing', async (t) => {
  const service = newService({ clock: fakeClock(), authenticate: (token) => token })
  const ada = addUser(service, 'msgpack')
  const { resume: offer } = (await ada.ask('hello', { token: 'ada', resume: true })) as Resumed
  ada.lose()
  t.match((await resume(service, offer.token, 0, { token: 'eve' })).answer, { recovered: false })
  t.match((await resume(service, offer.token, 0, { token: 'ada' })).answer, { id: ada.id, recovered: true })
  t.equal(service.users.get(ada.id)?.auth, 'ada')
  t.match((await resume(service, offer.token, 0)).answer, { recovered: true }, 'and none is asked for')
  t.equal(service.users.get(ada.id)?.auth, 'ada')
})

t.test('where the token is refused the session waits on', async (t) => {
  const authenticate = async (token: string): Promise<string> => {
    if (token === 'ada') return token
    throw new SignalError('unauthorized', 'Cannot take that token')
  }
  const service = newService({ clock: fakeClock(), authenticate })
  const ada = addUser(service, 'msgpack')
  const { resume: offer } = (await ada.ask('hello', { token: 'ada', resume: true })) as Resumed
  ada.lose()
  t.match((await resume(service, offer.token, 0, { token: 'eve' })).answer, { code: 'unauthorized' })
  t.match((await resume(service, offer.token, 0, { token: 'ada' })).answer, { id: ada.id, recovered: true })
})

t.test('of two that ask at once, the later one is looked at when the first is done', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>()
  let asked = 0
  const service = newService({ clock: fakeClock(), authenticate: (token) => (asked++ === 0 ? token : promise) })
  const ada = addUser(service, 'msgpack')
  const { resume: offer } = (await ada.ask('hello', { token: 'ada', resume: true })) as Resumed
  await ada.ask('rooms')
  ada.lose()
  const both = [1, 0].map((received) => resume(service, offer.token, received, { token: 'ada' }))
  resolve('ada')
  const [first, second] = await Promise.all(both)
  t.match(first?.answer, { recovered: true, received: 1 })
  t.match(second?.answer, { recovered: false }, 'the first has acknowledged the frame, which is gone')
  t.strictSame(first?.user.closed, [])
})

t.test('a connection that is in a room, or has a session, does not become another’s', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  ada.lose()
  const bob = addUser(service, 'msgpack')
  join(service, 'lab', bob)
  t.match(await bob.ask('hello', { resume: { token, received: 0 } }), { id: bob.id, recovered: false })
  const { user: eve } = await addKept(service)
  t.match(await eve.ask('hello', { resume: { token, received: 0 } }), { id: eve.id, recovered: false })
  t.equal(service.users.size, 3)
})

t.test('an info that comes along is merged; one that is refused changes nothing', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  await ada.ask('info', { a: 1 })
  ada.lose()
  const { user, answer } = await resume(service, token, 0, { info: { b: 'x'.repeat(4_090) } })
  t.match(answer, { code: 'bad-frame' })
  t.match(user.take().at(-1), { error: { code: 'bad-frame' } })
  t.equal(service.counts.waiting, 1)
  t.match((await resume(service, token, 0, { info: { b: 2 } })).answer, { recovered: true })
  t.strictSame(service.users.get(ada.id)?.info, { a: 1, b: 2 })
})

t.test('tokens are random, and never come again', async (t) => {
  const service = newService({ clock: fakeClock() })
  const tokens = new Set<string>()
  for (let i = 0; i < 500; i++) {
    let { user, token } = await addKept(service)
    tokens.add(token)
    user.lose()
    ;({
      answer: {
        resume: { token },
      },
    } = await resume(service, token, 0))
    tokens.add(token)
  }
  t.equal(tokens.size, 1_000)
  for (const token of tokens) if (!/^[\w-]{32}$/.test(token)) t.fail(token)
  service.close()
})
