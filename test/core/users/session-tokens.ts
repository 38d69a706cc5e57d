/** A session resumes with its newest token, or with the one before until the newest has arrived. */
import t from 'tap'
import { SignalError } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKept, type Resumed, resume } from '../fixture/resuming.ts'
import { addUser, join, newService } from '../fixture/user.ts'

t.test('a stolen old token resumes nothing and disturbs nobody', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  ada.lose()
  const { user: again, answer } = await resume(service, token, 0)
  t.ok(answer.recovered)
  await again.tell('ping', 0)
  const { user: thief, answer: refused } = await resume(service, token, 0)
  t.match(refused, { id: thief.id, recovered: false, resume: { token: String } })
  t.strictSame(again.closed, [])
  t.equal(service.users.get(ada.id)?.ws, again.ws)
  t.equal(service.counts.resumed.refused, 1)
  again.lose()
  t.match((await resume(service, answer.resume.token, 0)).answer, { id: ada.id, recovered: true })
})

t.test('any message shows that the new token has arrived', async (t) => {
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

t.test('after a cut during a resume, the old token is valid again, and the lost token is not', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  ada.lose()
  const { user: cut, answer: lost } = await resume(service, token, 0)
  cut.lose()
  const { user: again, answer } = await resume(service, token, 0)
  t.match(answer, { id: ada.id, recovered: true })
  again.lose()
  t.match((await resume(service, lost.resume.token, 0)).answer, { recovered: false }, 'at most two tokens are valid')
  const { answer: newest } = await resume(service, answer.resume.token, 0)
  t.match(newest, { recovered: true })
  t.match((await resume(service, token, 0)).answer, { recovered: false }, 'a use of the newest token ends the old one')
  t.equal(service.counts.resumed.recovered, 3)
})

t.test('a second resume displaces the first connection, whose messages are rejected', async (t) => {
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
  t.strictSame(second.closed, [{ code: 4000, reason: 'Displaced' }], 'the same token works again')
  await third.relay('signal', bob.id, 'new')
  t.strictSame(bob.take(), [{ relay: 'signal', from: ada.id, msg: 'new' }])
  t.match(service.counts, { waiting: 0, resumed: { recovered: 2, displaced: 2 } })
})

t.test('a resume with another auth starts a new session', async (t) => {
  const service = newService({ clock: fakeClock(), authenticate: (token) => token })
  const ada = addUser(service, 'msgpack')
  const { resume: offer } = (await ada.ask('hello', { token: 'ada', resume: true })) as Resumed
  ada.lose()
  t.match((await resume(service, offer.token, 0, { token: 'eve' })).answer, { recovered: false })
  t.match((await resume(service, offer.token, 0, { token: 'ada' })).answer, { id: ada.id, recovered: true })
  t.equal(service.users.get(ada.id)?.auth, 'ada')
  t.match((await resume(service, offer.token, 0)).answer, { recovered: true }, 'a resume needs no auth')
  t.equal(service.users.get(ada.id)?.auth, 'ada')
})

t.test('a session stays when a token is rejected', async (t) => {
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

t.test('the later of two resumes at once is handled after the first', async (t) => {
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
  t.match(second?.answer, { recovered: false }, 'the first has acknowledged the frame, which is dropped')
  t.strictSame(first?.user.closed, [])
})

t.test('a connection that is in a room or has a session cannot resume another one', async (t) => {
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

t.test('a resume merges its info, and a rejected info changes nothing', async (t) => {
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

t.test('session tokens are random and unique', async (t) => {
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
