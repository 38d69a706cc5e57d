import t from 'tap'
import type { RoomInfo } from '../../../src/core/mod.ts'
import { SignalError } from '../../../src/protocol/mod.ts'
import { addUser, codecs, newService } from '../fixture/user.ts'

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
