import { setImmediate } from 'node:timers/promises'
import { Router } from 'graphscript/dist/index.node.js'
import t from 'tap'
import { WebRTCService, type WebRTCServiceOptions } from '../../mod.ts'
import { mount } from '../../plugins/graphscript.ts'
import { RouterUser, type Told } from './fixture/graphscript-user.ts'

const hosted = (options: WebRTCServiceOptions = {}): { router: Router; service: WebRTCService } => {
  const service = new WebRTCService({ codec: 'json', ...options })
  return { router: mount(new Router(), service), service }
}
interface Faulty {
  socket: { bufferedAmount: number }
  send(message: Told): unknown
}

const bare = { send: () => {} }

t.test('two users join a room, exchange signals and leave', async (t) => {
  const { router, service } = hosted()
  const [ada, bob] = [await RouterUser.join(router, 'ada'), await RouterUser.join(router, 'bob')]
  t.match(service.users.get(ada.id), { auth: 'ada' })
  t.match([ada.take('webrtc.rooms'), bob.take('webrtc.rooms')], [[], []])

  const room = await ada.call('connect', { room: { name: 'lab' }, create: true, info: { name: 'Ada' } })
  t.match(room, { name: 'lab', peers: [ada.id] })
  t.match(bob.take('webrtc.roomadded'), { uuid: room.uuid })
  t.match(await router.run('webrtc.rooms', bob.key), { data: [{ uuid: room.uuid, name: 'lab' }] })
  await bob.call('connect', { room: { uuid: room.uuid }, info: { name: 'Bob' } })
  t.match(ada.take('webrtc.connect'), { id: bob.id, info: { name: 'Bob' }, initiator: bob.id })
  t.match(bob.take('webrtc.connect'), { id: ada.id, info: { name: 'Ada' }, initiator: bob.id })

  for (const [from, to, relay] of [
    [bob, ada, 'offer'],
    [ada, bob, 'answer'],
    [bob, ada, 'candidate'],
    [ada, bob, 'signal'],
    [ada, bob, 'data'],
  ] as const) {
    t.notMatch(await from.call(relay, to.id, { sdp: `v=0 ${relay}` }), { error: {} })
    t.strictSame(to.takeAll(`webrtc.${relay}`), [from.id, { sdp: `v=0 ${relay}` }], relay)
  }
  t.strictSame(await bob.call('disconnect', { uuid: room.uuid }), { cmd: 'roomclosed' })
  t.match(ada.take('webrtc.disconnectPeer'), { id: bob.id })
  t.match(ada.take('webrtc.roomadded'), { uuid: room.uuid })
  t.strictSame([ada.inbox, bob.inbox], [[], []], 'there are no other messages')
})

t.test('a user that leaves the router, in any way, leaves its rooms', async (t) => {
  const { router, service } = hosted()
  const ada = await RouterUser.join(router, 'ada')
  await ada.enter('lab')
  const socket = { _id: 'socket that closes', ...bare } as { _id: string; onclose?: () => void }
  const ways: Record<string, () => unknown> = {
    object: () => router.removeUser({ _id: 'bob' }),
    id: () => router.removeUser('bob'),
    terminate: () => router.users.bob?.terminate(),
    'last connection': () => socket.onclose?.(),
  }
  for (const [way, leave] of Object.entries(ways)) {
    const bob = await RouterUser.join(router, 'bob')
    if (way === 'last connection') {
      router.removeConnection('socket of bob')
      router.addConnection({ connection: socket }, 'bob')
    }
    await bob.enter('lab')
    ada.inbox.length = 0
    leave()
    t.match(ada.take('webrtc.disconnectPeer'), { id: bob.id }, way)
    t.strictSame([...service.users.keys()], [ada.id])
    t.match(await bob.call('rooms'), { error: { code: 'unauthorized', message: /no user has this key$/ } })
  }
})

t.test('mount() adds the users that the router already has', async (t) => {
  const router = new Router()
  const ada = await RouterUser.join(router, 'ada')
  const service = new WebRTCService({ codec: 'json' })
  mount(router, service)
  t.match(service.users.get(ada.take('webrtc.welcome').id), { auth: 'ada' })
})

t.test('a user without a connection is ignored', async (t) => {
  const { router } = hosted({ onevent: ({ name }) => t.fail(name) })
  await router.addUser({ _id: 'data only' })
  await setImmediate()
  t.ok(router.users['data only'])
})

t.test('no user can act for another, and keys stay secret', async (t) => {
  const { router } = hosted()
  const heard: unknown[] = []
  router.subscribe('webrtc', (value: unknown) => heard.push(value))
  for (const subInput of [false, true]) {
    router.subscribe('webrtc', (value: unknown) => heard.push(value), undefined, 'offer', subInput)
    router.subscribe('webrtc', (value: unknown) => heard.push(value), undefined, 'rooms', subInput)
  }
  const [ada, bob] = [await RouterUser.join(router, 'ada'), await RouterUser.join(router, 'bob')]
  t.not(ada.key, bob.key)
  await ada.enter('lab')
  await bob.enter('lab')
  ada.inbox.length = 0
  for (const key of ['ada', ada.id, String(ada.id), '', undefined, null, {}, [ada.key]]) {
    t.match(await router.run('webrtc.offer', key, bob.id, 'forged'), { error: { code: 'unauthorized' } })
  }
  await ada.call('rooms')
  await ada.call('offer', bob.id, {})
  t.match(bob.takeAll('webrtc.offer'), [ada.id, {}], 'only the genuine offer arrives')
  t.strictSame(heard, [])
})

t.test('an error is returned as a value and affects only its sender', async (t) => {
  const { router, service } = hosted()
  const [ada, bob, eve] = [
    await RouterUser.join(router, 'ada'),
    await RouterUser.join(router, 'bob'),
    await RouterUser.join(router, 'eve'),
  ]
  await ada.enter('lab')
  await bob.enter('lab')
  ada.inbox.length = 0
  const refused = async (code: string, command: string, ...args: unknown[]) =>
    t.match(await eve.call(command, ...args), { error: { code, message: /^Cannot / } }, `${command} ${code}`)
  await refused('not-in-room', 'offer', ada.id, {})
  await refused('room-not-found', 'connect', { room: { name: 'attic' } })
  await refused('room-not-found', 'connect', { room: { uuid: 7 } })
  await refused('bad-frame', 'connect')
  await refused('bad-frame', 'connect', 'lab')
  await refused('bad-frame', 'offer', 'ada', {})
  await refused('bad-frame', 'info', [1])
  await refused('bad-frame', 'data', ada.id, JSON.parse('['.repeat(500) + ']'.repeat(500)))
  await refused('bad-frame', 'data', ada.id, JSON.parse('{"__proto__": 1}'))
  await eve.enter('elsewhere')
  await refused('peer-not-found', 'answer', ada.id, {})
  await refused('forbidden', 'kick', { uuid: (await ada.call('rooms')).data[0].uuid, peer: ada.id })
  t.strictSame([ada.inbox.filter(({ route }) => route !== 'webrtc.roomadded'), bob.inbox.slice(1)], [[], []])
  await refused('frame-too-large', 'data', ada.id, 'x'.repeat(300_000))
  t.match(eve.take('webrtc.close'), { code: 1009 }, 'the service closes its sender')
  await setImmediate()
  t.equal(service.users.size, 2)
  t.ok(router.users.eve, 'the router keeps its user')
  await refused('unauthorized', 'rooms')
  await ada.call('offer', bob.id, {})
  t.match(bob.takeAll('webrtc.offer'), [ada.id, {}])
})

t.test('room restrictions use the id that the router has for a user', async (t) => {
  const { router } = hosted()
  const [ada, bob, eve] = [
    await RouterUser.join(router, 'ada'),
    await RouterUser.join(router, 'bob'),
    await RouterUser.join(router, 'eve'),
  ]
  const { uuid } = await ada.call('createroom', { name: 'two', restrictions: { users: ['ada', 'bob'] } })
  t.match(await eve.call('connect', { room: { uuid }, auth: 'bob' }), { error: { code: 'room-not-found' } })
  t.match(await bob.call('connect', { room: { uuid } }), { uuid })
  t.equal(eve.take('webrtc.roomadded'), undefined)
})

t.test('a full service rejects users, and the rate limit closes a user', async (t) => {
  const { router, service } = hosted({ limits: { users: 1, framesPerSecond: 5 } })
  const ada = await RouterUser.join(router, 'ada')
  const bob = await RouterUser.join(router, 'bob')
  t.match(bob.take('webrtc.close'), { code: 1013, reason: /^Cannot add a user/ })
  t.ok(router.users.bob, 'the router keeps the user')
  // The service rejects a hundred requests before it closes the user.
  for (let i = 0; i < 200; i++) await ada.call('rooms')
  t.match(ada.take('webrtc.close'), { code: 1008 })
  await setImmediate()
  t.match(await ada.call('rooms'), { error: { code: 'unauthorized' } })
  t.equal(service.users.size, 0)
  const eve = await RouterUser.join(router, 'eve')
  service.close()
  t.match(eve.take('webrtc.close'), { code: 1001 })
})

t.test('a user that cannot be reached is removed', async (t) => {
  const { router, service } = hosted({ limits: { queuedBytes: 1_000 } })
  const ada = await RouterUser.join(router, 'ada')
  await ada.enter('lab')
  const ways: Record<string, (connection: Faulty) => unknown> = {
    throws: (connection) => {
      connection.send = () => {
        throw new Error('The socket is gone')
      }
    },
    rejects: (connection) => {
      connection.send = () => Promise.reject(new Error('The socket is gone'))
    },
    vanishes: () => router.removeConnection('vanishes'),
    slow: ({ socket }) => {
      socket.bufferedAmount = 2_000
    },
  }
  for (const [way, fail] of Object.entries(ways)) {
    const told: Told[] = []
    const connection: Faulty = { socket: { bufferedAmount: 0 }, send: (message) => told.push(message) }
    const { socket } = connection
    const handed = { _id: way, socket, send: (message: Told) => connection.send(message) }
    await router.addUser({ _id: way }, { socket: { connection: handed } })
    const { key } = told.find(({ route }) => route === 'webrtc.welcome')?.args[0] ?? {}
    await router.run('webrtc.connect', key, { room: { name: 'lab' } })
    const { id } = ada.take('webrtc.connect')
    fail(connection)
    await (way === 'slow' ? service.createRoom({ name: 'another' }, id) : ada.call('offer', id, {}))
    await setImmediate()
    t.match(ada.take('webrtc.disconnectPeer'), { id }, way)
    t.equal(service.users.size, 1)
  }
})

t.test('removing the node from the router removes its users', async (t) => {
  const { router, service } = hosted()
  const ada = await RouterUser.join(router, 'ada')
  await ada.enter('lab')
  t.throws(() => mount(router, service), /has a node webrtc$/)
  const other = new WebRTCService({ codec: 'json' })
  mount(router, other, 'other')
  t.equal(other.users.size, 1)
  router.remove('webrtc')
  t.equal(service.users.size, 0)
  t.equal(router.run('webrtc.rooms', ada.key), undefined)
  t.match(
    [...service.rooms.values()].map((room) => room.export().peers),
    [[]],
  )
  const bob = await RouterUser.join(router, 'bob')
  t.equal(service.users.size, 0, 'a removed node adds no users')
  t.equal(other.users.size, 2, 'the other node continues')
  router.remove('other')
  t.equal(other.users.size, 0)
  t.ok(service.accepting, 'the service stays open for its host')
  mount(router, service)
  t.strictSame(
    [...service.users.values()].map(({ auth }) => auth),
    ['ada', 'bob'],
  )
  t.ok(bob.take('webrtc.welcome'))
})

t.test('removing the node restores the users object of the router', async (t) => {
  const router = new Router()
  const { users } = router
  mount(router, new WebRTCService({ codec: 'json' }))
  t.not(router.users, users)
  await RouterUser.join(router, 'ada')
  router.remove('webrtc')
  t.equal(router.users, users)
  t.strictSame(Object.keys(users), ['ada'])
})

t.test('a service with another codec rejects users', async (t) => {
  const service = new WebRTCService()
  const router = mount(new Router(), service)
  await t.rejects(RouterUser.join(router, 'ada'), { name: 'TypeError', message: /codec: 'json'/ })
  t.equal(service.users.size, 0)
})
