import fc from 'fast-check'
import t from 'tap'
import { WebRTCService } from '../../mod.ts'
import { LiveserverWebRTC } from '../../plugins/liveserver.ts'
import { Router } from '../fixture/liveserver-router.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests read any field of a message
type Json = any

interface TestUser {
  id: string
  username?: string
  sent: Json[]
  send(message: object): unknown
  /** Returns the received messages of a route. */
  told(route: string): Json[]
  run(route: string, ...message: unknown[]): Promise<Json>
}

async function open(service?: WebRTCService) {
  const router = new Router()
  const plugin = new LiveserverWebRTC(service)
  await router.load(plugin)
  const user = (id: string, username?: string): TestUser => ({
    id,
    ...(username === undefined ? {} : { username }),
    sent: [],
    // Serialize the message as a connection does.
    send(message) {
      this.sent.push(JSON.parse(JSON.stringify(message)))
    },
    told(route) {
      return this.sent.filter((message) => message.route === route)
    },
    async run(route, ...message) {
      const answer = await router.receive(JSON.stringify({ route, message, callbackId: '1' }), this.id)
      return answer === undefined ? undefined : JSON.parse(answer).message[0]
    },
  })
  const add = async (id: string, username?: string): Promise<TestUser> => {
    const one = user(id, username)
    await router.addUser(one)
    return one
  }
  return { router, plugin, add, user, service: plugin.service }
}

const refusal = (code: string, reason = code) => ({ route: 'error', message: [{ code, reason, message: /^Cannot / }] })

t.test('two users join a room, and signals have the arguments of the original plugin', async (t) => {
  const { router, plugin, add, service } = await open()
  t.equal(plugin.status, true)
  const [ada, bob] = [await add('a-1', 'Ada'), await add('b-2', 'Bob')]
  t.match(await ada.run('webrtc/subscribe', ['rooms/lab']), { route: 'info', message: [[], [{ name: 'lab' }]] })
  const {
    message: [peers, [room]],
  } = await bob.run('webrtc/subscribe', ['rooms/lab'])
  t.strictSame(peers, [{ id: 'a-1', info: { name: 'Ada' } }])
  t.match(room, { uuid: /^\d+$/, name: 'lab', initiator: 'a-1', peers: ['a-1', 'b-2'] })
  const link = bob.told('webrtc/connect')[0].message[0].link
  t.type(link, 'number')
  t.strictSame(ada.told('webrtc/connect'), [
    {
      route: 'webrtc/connect',
      message: [{ info: { name: 'Bob' }, link, id: 'b-2', initiator: 'b-2', room: room.uuid }],
    },
  ])
  t.match(bob.told('webrtc/connect'), [{ message: [{ id: 'a-1', info: { name: 'Ada' }, initiator: 'b-2' }] }])
  for (const route of ['offer', 'answer', 'candidate', 'signal']) {
    t.equal(await bob.run(`webrtc/${route}`, 'a-1', '{"type": "x", "n": [1]}'), true)
    const got = ada.told(`webrtc/${route}`)
    t.strictSame(got, [{ route: `webrtc/${route}`, message: ['b-2', '{"type":"x","n":[1]}'], id: 'b-2' }])
  }
  t.equal(await bob.run('webrtc/offer', 'a-1', { type: 'offer' }), true, 'a value works like its JSON text')
  t.equal(ada.told('webrtc/offer')[1].message[1], '{"type":"offer"}')
  t.same(await bob.run('webrtc/unsubscribe', ['rooms/lab']), { route: 'info', message: [[], []] })
  t.strictSame(ada.told('webrtc/disconnectPeer'), [{ route: 'webrtc/disconnectPeer', message: ['b-2', room.uuid] }])
  t.match(await bob.run('webrtc/offer', 'a-1', '1'), refusal('not-in-room'))
  await bob.run('webrtc/subscribe', [`rooms/${room.uuid}`])
  await router.removeUser(bob)
  t.strictSame(ada.told('webrtc/disconnectPeer').length, 2, 'a user that leaves the router leaves its rooms')
  t.same(ada.told('webrtc/disconnectPeer')[1].message, ['b-2', room.uuid])
  t.same(
    [...service.users.values()].map(({ auth }) => auth),
    ['a-1'],
  )
  t.same(router.lost, [])
})

t.test('users and rooms are listed, restricted rooms are hidden', async (t) => {
  const { router, add } = await open()
  const [ada, bob] = [await add('ada', 'Ada'), await add('bob')]
  t.same(await router.run('webrtc/users', 'GET', [], 'ada'), [{ id: 'ada', username: 'Ada' }, { id: 'bob' }])
  const open_ = await ada.run('webrtc/rooms', { name: 'open' })
  t.match(open_, { name: 'open', initiator: 'ada', peers: [] })
  const own = await ada.run('webrtc/rooms', { name: 'own', restrictions: { users: ['ada'] } })
  t.same(await router.run('webrtc/rooms', 'GET', [], 'bob'), [open_], 'only rooms without restrictions')
  t.match(ada.told('webrtc/roomadded'), [{ message: [open_] }, { message: [own] }])
  t.match(bob.told('webrtc/roomadded'), [{ message: [open_] }])
  t.equal(bob.told('webrtc/roomadded').length, 1)
  const { message } = await bob.run('webrtc/subscribe', [`rooms/${own.uuid}`])
  t.match(message, [[], [{ name: own.uuid, peers: ['bob'] }]], 'a hidden room is like a missing one')
  t.not(message[1][0].uuid, own.uuid)
  t.match(await bob.run('webrtc/rooms', { name: '' }), refusal('bad-frame', 'wrong-type'))
})

t.test('a pair needs a request of both users', async (t) => {
  const { add } = await open()
  const [ada, bob, eve] = [await add('ada'), await add('bob'), await add('eve')]
  // A room that looks like the room of the pair.
  const { uuid } = await eve.run('webrtc/rooms', { restrictions: { users: ['ada', 'bob'], max: 2 } })
  const { message } = await ada.run('webrtc/subscribe', ['users/bob'])
  t.match(message, [[], [{ initiator: 'ada', restrictions: { max: 2 } }]])
  t.not(message[1][0].uuid, uuid)
  t.match(
    await ada.run('webrtc/offer', 'bob', '1'),
    refusal('peer-not-found'),
    'a user that did not ask cannot be reached',
  )
  t.match(bob.told('webrtc/roomadded')[1], { message: [{ restrictions: { users: ['ada', 'bob'] } }] })
  t.match(eve.told('webrtc/roomadded'), [{ message: [{ uuid }] }])
  t.equal(eve.told('webrtc/roomadded').length, 1)
  t.match(await bob.run('webrtc/subscribe', ['users/ada']), { message: [[{ id: 'ada' }], [{ initiator: 'ada' }]] })
  t.equal(await ada.run('webrtc/offer', 'bob', '1'), true)
  t.match(await eve.run('webrtc/offer', 'bob', '1'), refusal('not-in-room'))
  t.match(await eve.run('webrtc/subscribe', ['users/nobody']), refusal('peer-not-found'))
  t.match(await eve.run('webrtc/subscribe', ['users/eve']), refusal('peer-not-found'))
  await eve.run('webrtc/subscribe', ['users/ada'])
  t.match(await eve.run('webrtc/offer', 'ada', '1'), refusal('peer-not-found'))
  t.match(await bob.run('webrtc/unsubscribe', ['users/eve']), refusal('not-in-room'))
  t.same(await bob.run('webrtc/unsubscribe', ['users/ada']), { route: 'info', message: [[], []] })
  t.match(ada.told('webrtc/disconnectPeer'), [{ message: ['bob'] }])
})

t.test('leaving an unknown room is an error; without a name it leaves all rooms', async (t) => {
  const { add, service } = await open()
  const ada = await add('ada')
  t.match(await ada.run('webrtc/unsubscribe', ['rooms/lab']), refusal('not-in-room'))
  t.match(await ada.run('webrtc/subscribe', ['rooms/one', 'rooms/two', 'rooms/one']), {
    message: [[], [{ name: 'one' }, { name: 'two' }]],
  })
  t.same(await ada.run('webrtc/unsubscribe'), { route: 'info', message: [[], []] })
  t.ok([...service.rooms.values()].every((room) => room.empty))
})

t.test('a user cannot add, remove or act for another user', async (t) => {
  const { router, add, service } = await open()
  const [ada, eve] = [await add('ada'), await add('eve')]
  for (const method of ['POST', 'DELETE']) {
    for (const given of [{ id: 'ada' }, 'ada', { id: 'ada', send: 'text' }]) {
      t.match(await router.run('webrtc/users', method, [given], 'eve'), refusal('unauthorized'))
      t.match(await router.run('webrtc/users', method, [given], undefined), refusal('unauthorized'))
    }
  }
  for (const origin of ['nobody', '', '__proto__', 'constructor', 'toString', undefined, null, 7, {}]) {
    t.match(await router.run('webrtc/subscribe', 'POST', [['rooms/lab']], origin as string), refusal('unauthorized'))
  }
  t.equal(service.users.size, 2)
  t.match(await router.run('webrtc/users', 'DELETE', [{ id: 'eve' }], 'eve'), { id: 'eve' }, 'a user can remove itself')
  t.equal(service.users.size, 1)
  t.match(await eve.run('webrtc/subscribe', []), { route: 'info' }, 'its next request adds it again')
  t.equal(service.users.size, 2)
  t.match(await ada.run('webrtc/users', { id: 'ada' }), { id: 'ada' }, 'adding itself again changes nothing')
  t.equal(service.users.size, 2)
})

t.test('names of Object.prototype work like other names', async (t) => {
  const { router, add, user } = await open()
  for (const id of ['constructor', 'toString', 'hasOwnProperty']) {
    const one = await add(id)
    t.match(await one.run('webrtc/subscribe', [`rooms/${id}`]), { message: [[], [{ name: id, peers: [id] }]] })
  }
  const proto = user('__proto__')
  Object.defineProperty(router.USERS, '__proto__', { value: proto, enumerable: true })
  t.match(await router.run('webrtc/users', 'POST', [proto], '__proto__'), { id: '__proto__' })
  t.match(await proto.run('webrtc/subscribe', ['rooms/__proto__']), { message: [[], [{ peers: ['__proto__'] }]] })
  t.match(await proto.run('webrtc/offer', 'toString', '1'), refusal('peer-not-found'))
  t.equal(({} as Json).polluted, undefined)
  t.same(router.lost, [])
})

t.test('a user that cannot be reached is removed and does not harm others', async (t) => {
  for (const send of [
    () => {
      throw new Error('broken')
    },
    () => Promise.reject(new Error('broken later')),
  ]) {
    const { router, add, user, service } = await open()
    const ada = await add('ada')
    await ada.run('webrtc/subscribe', ['rooms/lab'])
    const bob = user('bob')
    await router.addUser(bob)
    await bob.run('webrtc/subscribe', ['rooms/lab'])
    bob.send = send
    const cid = await add('cid')
    t.match(await cid.run('webrtc/subscribe', ['rooms/lab']), { route: 'info' })
    await new Promise((resolve) => setTimeout(resolve, 0))
    t.same(
      [...service.users.values()].map(({ auth }) => auth),
      ['ada', 'cid'],
    )
    t.match(ada.told('webrtc/disconnectPeer'), [{ message: ['bob'] }])
    t.equal(await cid.run('webrtc/offer', 'ada', '1'), true)
    t.match(
      await bob.run('webrtc/subscribe', ['rooms/lab']),
      refusal('unauthorized'),
      'a request does not add it again',
    )
    bob.send = () => {}
    await router.addUser(bob)
    t.match(await bob.run('webrtc/subscribe', ['rooms/lab']), { route: 'info' }, 'the router adds it again')
    t.same(router.lost, [])
  }
})

t.test('a new connection of a user replaces the old one', async (t) => {
  const { router, add, user, service } = await open()
  const [ada, first] = [await add('ada'), await add('bob')]
  for (const one of [ada, first]) await one.run('webrtc/subscribe', ['rooms/lab'])
  const second = user('bob')
  await router.addUser(second)
  t.match(ada.told('webrtc/disconnectPeer'), [{ message: ['bob'] }])
  await second.run('webrtc/subscribe', ['rooms/lab'])
  await router.run('webrtc/users', 'DELETE', [first], undefined)
  t.equal(service.users.size, 2, 'the end of the first connection does not end the second')
  t.equal(await ada.run('webrtc/offer', 'bob', '1'), true)
  t.equal(second.told('webrtc/offer').length, 1)
})

t.test('users of the router share rooms with users of other transports', async (t) => {
  const { add, service, router } = await open(new WebRTCService({ codec: 'json' }))
  const sent: Json[] = []
  const socket = { id: 4711, send: (text: string | Uint8Array) => sent.push(JSON.parse(text as string)) }
  service.addUser(socket, '')
  const ada = await add('ada')
  await ada.run('webrtc/subscribe', ['rooms/lab'])
  await service.onmessage({ data: { cmd: 'connect', data: { room: { name: 'lab' } } } }, socket)
  t.match(ada.told('webrtc/connect'), [{ message: [{ id: '4711', initiator: '4711' }] }])
  t.equal(await ada.run('webrtc/answer', '4711', '{"sdp":"v=0"}'), true)
  const { id } = sent.find(({ cmd }) => cmd === 'connect').data
  t.match(sent.at(-1), { cmd: 'answer', data: { id, msg: { sdp: 'v=0' } } }, 'a value, because this user reads values')
  service.pass('data', 4711, id, [1])
  t.same(ada.told('webrtc/data'), [{ route: 'webrtc/data', message: ['4711', '[1]'], id: '4711' }])
  t.match(await ada.run('webrtc/offer', '04711', '1'), refusal('peer-not-found'))
  await add('4711')
  t.match(
    await router.receive(JSON.stringify({ route: 'webrtc/offer', message: ['ada', '1'] }), '4711'),
    /unauthorized/,
  )
})

t.test('a service with the codec msgpack is rejected and does not change', async (t) => {
  const { router, add, service } = await open(new WebRTCService())
  await add('ada')
  t.match(router.lost, [{ message: "Cannot use this WebRTCService for a router: its codec must be 'json'" }])
  t.equal(service.users.size, 0)
})

t.test('a frame over the limit is rejected and its sender is removed', async (t) => {
  const { add, service } = await open(new WebRTCService({ codec: 'json', limits: { frameBytes: 1_000 } }))
  const [ada, bob] = [await add('ada'), await add('bob')]
  for (const one of [ada, bob]) await one.run('webrtc/subscribe', ['rooms/lab'])
  t.match(await bob.run('webrtc/offer', 'ada', JSON.stringify('x'.repeat(2_000))), refusal('frame-too-large'))
  t.same(ada.told('webrtc/offer'), [])
  t.match(await bob.run('webrtc/offer', 'ada', '1'), refusal('unauthorized'))
  t.equal(service.users.size, 1)
})

t.test('any input is answered with a value and reaches nobody else', async (t) => {
  const { router, add, service } = await open()
  const [ada, eve] = [await add('ada'), await add('eve')]
  await ada.run('webrtc/subscribe', ['rooms/lab'])
  const routes = [...router.routes.keys()]
  const word = fc.constantFrom('ada', 'eve', 'rooms/lab', 'users/ada', 'rooms/', '__proto__', 'rooms/__proto__')
  const junk = fc.anything({ values: [word, fc.string(), fc.integer(), fc.double()], withBigInt: true, withMap: true })
  const heard = ada.sent.length
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...routes),
      fc.constantFrom('POST', 'DELETE'),
      fc.array(fc.oneof(junk, word, fc.array(word)), { maxLength: 3 }),
      async (route, method, args) => {
        if (method === 'DELETE' && route !== 'webrtc/users') return
        // Make these arguments invalid: valid ones would join a room or announce one to everybody.
        if (route === 'webrtc/subscribe' || route === 'webrtc/rooms') {
          const answer = (await router.run(route, method, [{ not: 'right' }, ...args], 'eve')) as Json
          t.match(answer.route ?? answer.uuid, /./)
        } else t.ok((await router.run(route, method, args, 'eve')) !== undefined)
      },
    ),
    { numRuns: 500 },
  )
  t.same(
    ada.sent.slice(heard).filter(({ route }) => route !== 'webrtc/roomadded'),
    [],
  )
  for (const bad of [undefined, null, 'rooms/lab', [1], ['lab'], [null], ['users/'], Array(33).fill('rooms/lab')]) {
    t.match(await eve.run('webrtc/subscribe', bad), refusal('bad-frame', 'wrong-type'))
  }
  for (const bad of ['{', 'undefined', '1}},"callbackId":1,"x":{"y":{"z":1', '['.repeat(10_000)]) {
    t.match(await eve.run('webrtc/offer', 'ada', bad), refusal('bad-frame', 'not-json'))
  }
  const deep = '['.repeat(100) + ']'.repeat(100)
  t.match(await eve.run('webrtc/offer', 'ada', deep), refusal('bad-frame', 'too-deep'))
  t.match(await eve.run('webrtc/offer', 'ada', '{"__proto__":1}'), refusal('bad-frame', 'not-json'))
  const loop: unknown[] = []
  loop.push(loop)
  t.match(await router.run('webrtc/offer', 'POST', ['ada', loop], 'eve'), refusal('bad-frame', 'not-json'))
  t.match(await eve.run('webrtc/offer', { toString: 1, valueOf: 1 }, '1'), refusal('peer-not-found'))
  t.match(await router.run('webrtc/rooms', 'POST', [{ name: 1n }], 'eve'), refusal('bad-frame', 'not-json'))
  t.match(await router.run('webrtc/subscribe', 'POST', null as Json, 'eve'), refusal('bad-frame', 'wrong-type'))
  t.same(router.lost, [])
  t.ok(service.users.size >= 1)
})

t.test('close() removes all users', async (t) => {
  for (const given of [undefined, new WebRTCService({ codec: 'json' })]) {
    const { router, plugin, add, service } = await open(given)
    const [ada, bob] = [await add('ada'), await add('bob')]
    for (const one of [ada, bob]) await one.run('webrtc/subscribe', ['rooms/lab'])
    plugin.close()
    t.equal(service.users.size, 0)
    t.equal(service.closed, given === undefined, 'a service of the host stays open')
    t.same(await router.run('webrtc/users', 'GET', [], 'ada'), [])
    t.match(await ada.run('webrtc/subscribe', ['rooms/lab']), refusal('unauthorized'))
    await router.removeUser(ada)
    t.same(router.lost, [])
    service.close()
  }
})
