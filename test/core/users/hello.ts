import t from 'tap'
import type { RoomInfo } from '../../../src/core/mod.ts'
import { SignalError } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { closedService, tokenOf } from '../fixture/identified.ts'
import { addUser, codecs, newService } from '../fixture/user.ts'

/** The answer to a hello with `resume: true`. */
interface Resumable {
  resume: { token: string }
}

const codeOf = (result: unknown): string | undefined => (result as { code?: string }).code

const open = { authenticate: (token: string) => token }

for (const codec of codecs) {
  t.test(`${codec}: hello returns the id, and needs no fields`, async (t) => {
    const service = newService()
    const ada = addUser(service, codec, 'ada')
    await service.createRoom({}, ada.id)
    t.strictSame(await ada.ask('hello', {}), { id: ada.id, recovered: false }, 'it lists no rooms')
    t.strictSame(await ada.ask('hello', null), { id: ada.id, recovered: false })
    t.equal(service.users.get(ada.id)?.auth, 'ada', 'the user keeps the auth from the host')
  })

  t.test(`${codec}: on an open server, a token becomes the auth and opens the rooms of that auth`, async (t) => {
    const service = newService(open)
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    const room = (await ada.ask('createroom', { name: 'his', restrictions: { users: ['bob'] } })) as RoomInfo
    t.match(await bob.ask('connect', { room: { uuid: room.uuid } }), { code: 'room-not-found' })
    t.strictSame(await bob.ask('hello', { token: 'bob', info: { name: 'Bob' } }), {
      id: bob.id,
      recovered: false,
    })
    t.match(await bob.ask('rooms'), { data: [room] })
    t.match(await bob.ask('connect', { room: { uuid: room.uuid } }), { peers: [bob.id] })
    t.strictSame(service.users.get(bob.id)?.info, { name: 'Bob' })
  })

  t.test(`${codec}: a rejected token changes nothing`, async (t) => {
    const authenticate = (token: string) => {
      if (token === 'good') return 'ada'
      throw new SignalError('unauthorized', 'Cannot take that token')
    }
    const asynchronous = async (token: string) => authenticate(token)
    for (const how of [authenticate, asynchronous]) {
      const service = newService({ authenticate: how })
      const ada = addUser(service, codec, 'nobody')
      ada.take()
      t.match(await ada.ask('hello', { token: 'bad', info: { a: 1 } }), { code: 'unauthorized' })
      t.strictSame(ada.take(), [{ error: { code: 'unauthorized', reason: 'unauthorized' }, seq: 1 }])
      t.match(service.users.get(ada.id), { auth: 'nobody', info: {} })
      t.match(await ada.ask('hello', { token: 'good', info: { a: 1 } }), { id: ada.id })
      t.match(service.users.get(ada.id), { auth: 'ada', info: { a: 1 } })
      t.match(ada.take(), [{ ok: { id: ada.id }, seq: 2 }])
    }
  })

  t.test(`${codec}: a rejected info leaves the auth unchanged`, async (t) => {
    const service = newService(open)
    const ada = addUser(service, codec, 'nobody')
    await ada.ask('info', { a: 'x'.repeat(3_000) })
    t.match(await ada.ask('hello', { token: 'ada', info: { b: 'x'.repeat(3_000) } }), { code: 'bad-frame' })
    t.equal(service.users.get(ada.id)?.auth, 'nobody')
  })

  t.test(`${codec}: hello with connect enters a room, and one message answers both`, async (t) => {
    const service = newService(open)
    const [ada, bob] = [addUser(service, codec, 'ada'), addUser(service, codec)]
    const restrictions = { users: ['ada', 'bob'] }
    const { uuid } = (await ada.ask('connect', { room: { name: 'lab', restrictions }, create: true })) as RoomInfo
    for (const user of [ada, bob]) user.take()
    const connect = { room: { name: 'lab' }, info: { role: 'guest' } }
    const result = await bob.ask('hello', { token: 'bob', info: { name: 'Bob' }, connect })
    const room = { uuid, name: 'lab', initiator: ada.id, restrictions, peers: [ada.id, bob.id] }
    t.strictSame(result, { id: bob.id, recovered: false, room }, 'the token counts for the room')
    const pair = { room: uuid, initiator: bob.id, link: Number }
    t.match(bob.take(), [
      { event: 'connect', data: { id: ada.id, ...pair } },
      { ok: { id: bob.id, room }, seq: 1 },
    ])
    t.match(ada.take(), [{ event: 'connect', data: { id: bob.id, info: { name: 'Bob', role: 'guest' }, ...pair } }])
  })

  t.test(`${codec}: hello succeeds if its connect is refused, which changes nothing`, async (t) => {
    const service = newService(open)
    const [ada, bob] = [addUser(service, codec, 'ada'), addUser(service, codec)]
    const made = await ada.ask('connect', { room: { name: 'lab', restrictions: { max: 1 } }, create: true })
    for (const user of [ada, bob]) user.take()
    const connect = { room: { name: 'lab' }, info: { role: 'guest' } }
    const refused = { code: 'room-full', reason: 'room-full', message: 'Cannot join the room: it is full (max 1)' }
    t.strictSame(await bob.ask('hello', { token: 'bob', connect }), { id: bob.id, recovered: false, refused })
    t.match(service.users.get(bob.id), { auth: 'bob', info: {} })
    t.match(service.counts.refused, { 'room-full': 1 })
    t.strictSame(ada.take(), [])
    t.match(await bob.ask('connect', { room: { name: 'hall' }, create: true }), { name: 'hall' })
    t.strictSame([...service.rooms.values()].map((room) => room.export())[0], made)
  })

  t.test(`${codec}: hello succeeds if its connect is not valid, and answers it with its error`, async (t) => {
    const service = newService(open)
    const names = ['x'.repeat(999), 'bell\u0007']
    const rooms: unknown[] = [...names.map((name) => ({ name })), { name: 'lab', restrictions: { max: 0 } }, {}]
    const invalid = [...rooms.map((room) => ({ room })), { room: { uuid: 1.5 } }, {}, null, 'lab', [1]]
    for (const connect of [...invalid, { room: { name: 'lab' }, create: true, info: { note: 'x'.repeat(5_000) } }]) {
      const ada = addUser(service, codec)
      const alone = (await ada.ask('connect', connect)) as SignalError
      t.equal(alone.code, 'bad-frame')
      const result = await ada.ask('hello', { token: 'ada', info: { name: 'Ada' }, connect })
      t.strictSame(result, { id: ada.id, recovered: false, refused: alone.toJSON() })
      t.match(service.users.get(ada.id), { auth: 'ada', info: { name: 'Ada' } })
    }
    t.equal(service.rooms.size, 0)
  })

  t.test(`${codec}: hello without a valid token enters no room of a closed server`, async (t) => {
    const service = closedService()
    const ada = addUser(service, codec)
    const connect = { room: { name: 'lab' }, create: true }
    t.equal(codeOf(await ada.ask('hello', { connect })), 'unauthorized')
    t.equal(codeOf(await ada.ask('hello', { token: 'bad', connect })), 'unauthorized')
    t.equal(service.rooms.size, 0)
    const token = tokenOf({ auth: 'ada', rooms: ['lab'] })
    t.match(await ada.ask('hello', { token, connect }), { identity: { auth: 'ada' }, room: { peers: [ada.id] } })
    const denied = addUser(service, codec)
    const wrong = tokenOf({ auth: 'bob', rooms: ['hall'] })
    t.match(await denied.ask('hello', { token: wrong, connect }), { refused: { code: 'forbidden' } })
  })

  t.test(`${codec}: a hello with connect counts as two requests`, async (t) => {
    for (const [connect, passes] of [
      [undefined, 10],
      [{ room: { uuid: 5 } }, 5],
      [null, 5],
    ] as const) {
      const service = newService({ clock: fakeClock(), limits: { framesPerSecond: 10 } })
      const ada = addUser(service, codec)
      let count = 0
      while (codeOf(await ada.ask('hello', { connect })) === undefined) count++
      t.equal(count, passes, 'of 100 messages at once')
    }
  })

  t.test(`${codec}: an unknown session is not resumed, and a bad resume is rejected`, async (t) => {
    const service = newService()
    const ada = addUser(service, codec)
    t.match(await ada.ask('hello', { resume: { token: 'x', received: 5 } }), { recovered: false })
    t.match(await ada.ask('hello', { resume: { token: 'x' } }), { code: 'bad-frame' })
  })

  t.test(`${codec}: a user that leaves before its token is checked stays removed`, async (t) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const service = newService({ authenticate: () => promise })
    const ada = addUser(service, codec)
    const answer = ada.ask('hello', { token: 'ada' })
    ada.leave()
    resolve('ada')
    await answer
    t.equal(service.users.size, 0)
  })
}

t.test('a session that resumes ignores connect, and one that cannot resume enters the room', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  const connect = { room: { name: 'lab' }, create: true }
  const first = (await ada.ask('hello', { resume: true, connect })) as Resumable
  t.match(first, { room: { name: 'lab', peers: [ada.id] } })
  ada.lose()
  const again = addUser(service, 'msgpack')
  const hall = { room: { name: 'hall' }, create: true }
  const resume = { token: first.resume.token, received: 0 }
  const second = await again.ask('hello', { resume, connect: hall })
  t.match(second, { id: ada.id, recovered: true, received: 0 })
  t.notOk('room' in (second as object))
  t.strictSame(
    [...service.rooms.values()].map(({ name }) => name),
    ['lab'],
  )
  const fresh = addUser(service, 'msgpack')
  t.match(await fresh.ask('hello', { resume: { token: 'x', received: 0 }, connect: hall }), {
    recovered: false,
    room: { name: 'hall', peers: [fresh.id] },
  })
})

t.test('a session counts what follows the answer to a hello with connect', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  await ada.ask('connect', { room: { name: 'lab' }, create: true })
  const { resume } = (await bob.ask('hello', { resume: true, connect: { room: { name: 'lab' } } })) as Resumable
  await ada.relay('signal', bob.id, 'counted')
  bob.lose()
  const again = addUser(service, 'msgpack')
  again.take()
  await again.ask('hello', { resume: { token: resume.token, received: 0 } })
  t.match(again.take(), [{ ok: { recovered: true } }, { relay: 'signal', from: ada.id, msg: 'counted' }])
})

t.test('what waits for the connection of a session that resumes comes before the answer', async (t) => {
  const service = newService({ clock: fakeClock() })
  const ada = addUser(service, 'msgpack')
  const { resume } = (await ada.ask('hello', { resume: true })) as Resumable
  ada.lose()
  // Announcements to more than 64 users are sent in slices.
  const crowd = Array.from({ length: 64 }, () => addUser(service, 'msgpack'))
  const again = addUser(service, 'msgpack')
  for (const user of [...crowd, again]) await user.ask('rooms', { subscribe: true })
  again.take()
  const room = (await crowd[0]?.ask('createroom', { name: 'lab' })) as RoomInfo
  t.strictSame(again.take(), [], 'the announcement waits')
  await again.ask('hello', { resume: { token: resume.token, received: 0 } })
  t.match(again.take(), [{ event: 'roomadded', data: { uuid: room.uuid } }, { ok: { id: ada.id, recovered: true } }])
})
