/** What ends a session: the user, the time, a full replay buffer, errors of the user, and the service. */
import t from 'tap'
import { encodeRelay, Op } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKept, resume } from '../fixture/resuming.ts'
import { addUser, join, newService } from '../fixture/user.ts'

const outcomes = { recovered: 0, displaced: 0, refused: 0, expired: 0, overflowed: 0 }
const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

t.test('a session can resume until the last millisecond of the grace time, which restarts at each loss', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const { user: ada, token } = await addKept(service)
  const bob = addUser(service, 'json')
  join(service, 'lab', ada, bob)
  bob.take()
  ada.lose()
  clock.advance(29_999)
  ada.lose()
  const { user: again, answer } = await resume(service, token, 2)
  t.match(answer, { recovered: true })
  clock.advance(1_000_000)
  t.strictSame(bob.take(), [], 'a resumed session has no time limit')
  again.lose()
  clock.advance(29_999)
  t.strictSame(bob.take(), [])
  clock.advance(1)
  t.match(bob.take(), [{ event: 'disconnectPeer', data: { id: ada.id } }])
  t.notOk(service.users.has(ada.id))
  const { user, answer: late } = await resume(service, answer.resume.token, 2)
  t.match(late, { id: user.id, recovered: false })
  t.strictSame(service.counts.resumed, { ...outcomes, recovered: 1, refused: 1, expired: 1 })
  t.equal(service.counts.waiting, 0)
})

t.test('a failed resume starts a new session, which counts from 0', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user, answer } = await resume(service, 'unknown', 77)
  t.match(answer, { id: user.id, recovered: false })
  await user.ask('rooms')
  user.lose()
  t.match((await resume(service, answer.resume.token, 1)).answer, { id: user.id, recovered: true, received: 1 })
})

t.test('a resume with a count above what was sent starts a new session', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  ada.lose()
  t.match((await resume(service, token, 1)).answer, { recovered: false })
  t.match((await resume(service, token, 0)).answer, { recovered: true }, 'the old session can still resume')
})

t.test('a full replay buffer removes a disconnected user once, and the sender receives an error', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { replayBytes: 1_000 } })
  const [{ user: ada, token }, bob, cid] = [
    await addKept(service),
    addUser(service, 'msgpack'),
    addUser(service, 'msgpack'),
  ]
  join(service, 'lab', ada, bob, cid)
  await ada.tell('pong', 3)
  for (const user of [bob, cid]) user.take()
  ada.lose()
  const send = (bytes: number) => service.receive(encodeRelay(Op.data, ada.id, new Uint8Array(bytes - 11)), bob.ws)
  send(600)
  t.strictSame(bob.take(), [])
  for (const name of ['a', 'b', 'c']) service.createRoom({ name: name.repeat(128) }, cid.id)
  t.throws(() => send(12), { code: 'peer-not-found' })
  t.throws(() => send(12), { code: 'peer-not-found' }, 'the error comes before the removal too')
  t.ok(service.users.has(ada.id))
  await tick()
  t.notOk(service.users.has(ada.id))
  t.match(cid.take().at(-1), { event: 'disconnectPeer', data: { id: ada.id } })
  t.match((await resume(service, token, 3)).answer, { recovered: false })
  t.strictSame(service.counts.resumed, { ...outcomes, refused: 1, overflowed: 1 })
  t.equal(service.counts.waiting, 0)
})

t.test('a full replay buffer removes a user when its connection is lost, and not while it is connected', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { replayBytes: 100 } })
  const [{ user: ada, token }, bob] = [await addKept(service), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob)
  await ada.tell('pong', 2)
  for (let i = 0; i < 50; i++) await bob.relay('data', ada.id, 'x'.repeat(50))
  t.equal(ada.take().length, 52)
  ada.lose()
  t.notOk(service.users.has(ada.id))
  t.match((await resume(service, token, 52)).answer, { recovered: false })
  t.strictSame(service.counts.resumed, { ...outcomes, refused: 1, overflowed: 1 })
})

t.test('a session with a full replay buffer cannot resume, even before its user is removed', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { replayBytes: 100 } })
  const [{ user: ada, token }, bob] = [await addKept(service), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob)
  await ada.tell('pong', 2)
  const send = () => service.receive(encodeRelay(Op.data, ada.id, new Uint8Array(50)), bob.ws)
  send()
  ada.lose()
  service.createRoom({ name: 'x'.repeat(50) }, bob.id)
  t.throws(send, { code: 'peer-not-found' })
  // The client has received what the buffer dropped. But the sender's newest relay was rejected, so a resume
  // would hide a loss.
  const again = resume(service, token, 3)
  ada.leave()
  const other = addUser(service, 'msgpack', '', ada.id)
  t.match((await again).answer, { recovered: false })
  await tick()
  t.equal(service.users.get(ada.id)?.ws, other.ws, 'a new user with the same id stays')
  t.strictSame([service.users.size, service.counts.waiting], [3, 0])
})

t.test('messages that were in flight and are acknowledged in time are no loss', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { replayBytes: 100 } })
  const [{ user: ada, token }, bob] = [await addKept(service), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob)
  for (let i = 0; i < 50; i++) await bob.relay('data', ada.id, 'x'.repeat(50))
  await ada.tell('ping', 52)
  ada.lose()
  t.match((await resume(service, token, 52)).answer, { recovered: true })
})

t.test('as many sessions as users can be disconnected, and they do not count against the user limit', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { users: 2 } })
  const kept = [await addKept(service), await addKept(service)]
  for (const { user } of kept) user.lose()
  const others = [await addKept(service), await addKept(service)]
  t.throws(() => addUser(service, 'msgpack'), { code: 'server-full' })
  others[0]?.user.lose()
  t.equal(service.users.size, 3, 'a third user is removed')
  t.match(service.counts, { waiting: 2, resumed: { overflowed: 1 } })
  t.match((await resume(service, kept[0]?.token as string, 0)).answer, { recovered: true })
  t.throws(() => addUser(service, 'msgpack'), { code: 'server-full' })
})

t.test('a session ends if the user leaves or the server closes it for an error', async (t) => {
  const ends = {
    leave: (user) => user.leave(),
    'text on a binary connection': (user, service) => void service.onmessage('{}', user.ws).catch(() => {}),
    'a message over the limit': (user, service) =>
      void service.onmessage(new Uint8Array(262_145), user.ws).catch(() => {}),
    'a full queue': (user, service) => {
      user.ws.bufferedAmount = 4_194_304
      service.createRoom({}, user.id)
    },
  } satisfies Record<string, (user: ReturnType<typeof addUser>, service: ReturnType<typeof newService>) => void>
  for (const [name, end] of Object.entries(ends)) {
    const service = newService({ clock: fakeClock() })
    const { user: ada, token } = await addKept(service)
    end(ada, service)
    await tick()
    ada.lose()
    t.notOk(service.users.has(ada.id), name)
    t.match((await resume(service, token, 0)).answer, { recovered: false }, name)
  }
})

t.test('a transport that throws counts as lost, and the next connection receives its messages', async (t) => {
  const service = newService({ clock: fakeClock() })
  const [{ user: ada, token }, bob] = [await addKept(service), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob)
  bob.take()
  ada.ws.send = () => {
    throw new Error('closed')
  }
  for (const msg of [1, 2]) t.equal(await bob.relay('data', ada.id, msg), undefined)
  await tick()
  t.match(ada.closed, [{ code: 1011 }])
  t.equal(service.counts.waiting, 1)
  const { user: again, answer } = await resume(service, token, 2)
  t.match(answer, { recovered: true })
  t.match(again.take().slice(1), [{ msg: 1 }, { msg: 2 }])
  t.strictSame(bob.take(), [])
  t.equal(service.counts.failed, 0)
})

t.test('a session that resumes before its loss is handled is not lost again', async (t) => {
  const service = newService({ clock: fakeClock() })
  const [{ user: ada, token }, bob] = [await addKept(service), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob)
  ada.ws.send = () => {
    throw new Error('closed')
  }
  const relayed = bob.relay('data', ada.id, 1)
  const { user: again, answer } = await resume(service, token, 2)
  await relayed
  await tick()
  t.match(answer, { recovered: true })
  t.strictSame(again.closed, [])
  t.equal(service.counts.waiting, 0)
})

t.test('a transport that throws on the answer to hello starts no session', async (t) => {
  const service = newService({ clock: fakeClock() })
  const ada = addUser(service, 'msgpack')
  ada.ws.send = () => {
    throw new Error('closed')
  }
  await ada.ask('hello', { resume: true })
  await tick()
  t.strictSame([service.users.size, service.counts.waiting, service.counts.failed], [0, 0, 1])
})

t.test('a new transport that throws during the replay counts as lost too', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  await ada.ask('rooms')
  ada.lose()
  for (const taken of [0, 1]) {
    const broken = addUser(service, 'msgpack')
    let left = taken
    broken.ws.send = () => {
      if (left-- === 0) throw new Error('closed')
    }
    await broken.ask('hello', { resume: { token, received: 0 } })
    await tick()
    t.notOk(service.users.has(broken.id), `after ${taken} messages`)
    t.match(service.counts, { waiting: 1 })
  }
  const { user: again } = await resume(service, token, 0)
  t.match(again.take(), [{ ok: { recovered: true } }, { ok: { cmd: 'rooms' } }])
})

t.test('close() stops all timers and ends all sessions', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock })
  const kept = [await addKept(service), await addKept(service)]
  join(service, 'lab', ...kept.map(({ user }) => user))
  kept[0]?.user.lose()
  t.equal(clock.waiting, 1)
  service.close()
  t.equal(clock.waiting, 0)
  kept[1]?.user.lose()
  t.strictSame([service.users.size, clock.waiting, service.counts.waiting], [0, 0, 0])
})

t.test('a user that leaves before its token is checked starts no session', async (t) => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const clock = fakeClock()
  const service = newService({ clock, authenticate: () => promise })
  const ada = addUser(service, 'msgpack')
  const answer = ada.ask('hello', { token: 'ada', resume: true })
  ada.lose()
  resolve('ada')
  t.equal(await answer, undefined)
  t.strictSame([service.users.size, clock.waiting], [0, 0])
})
