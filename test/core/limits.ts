/** The service counts each reached limit by its name. */
import t from 'tap'
import { encodeFrame, encodeRelay, Op } from '../../src/protocol/mod.ts'
import { fakeClock } from './fixture/clock.ts'
import { addUser, codecs, join, newService, refused } from './fixture/user.ts'

t.test('the service limits the rooms that one user has created', async (t) => {
  for (const codec of codecs) {
    const service = newService({ limits: { roomsMadePerUser: 2 } })
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    const first = (await ada.ask('createroom')) as { uuid: number }
    await ada.ask('createroom')
    t.match(await ada.ask('createroom'), { code: 'forbidden', reason: 'too-many-rooms' })
    t.match(await ada.ask('connect', { room: { name: 'x' }, create: true }), { reason: 'too-many-rooms' })
    t.equal(service.rooms.size, 2)
    t.match(await bob.ask('createroom'), { initiator: bob.id })
    t.match(
      await ada.ask('connect', { room: { uuid: first.uuid } }),
      { peers: [ada.id] },
      'the user can still join rooms',
    )
    t.strictSame(service.counts.limited, { roomsMadePerUser: 2 })
  }
})

t.test('a user can create another room when its first one is deleted', async (t) => {
  const clock = fakeClock()
  const service = newService({ clock, limits: { roomsMadePerUser: 1 }, emptyRoomTtl: 1_000 })
  const ada = addUser(service, 'json')
  await ada.ask('createroom')
  t.match(await ada.ask('createroom'), { reason: 'too-many-rooms' })
  clock.advance(1_000)
  t.match(await ada.ask('createroom'), { initiator: ada.id })
  t.match(await ada.ask('createroom'), { reason: 'too-many-rooms' })
})

t.test('a closed room no longer counts, and the other rooms of its owner still do', async (t) => {
  const service = newService({ limits: { roomsMadePerUser: 2 } })
  const ada = addUser(service, 'msgpack')
  const { uuid } = (await ada.ask('createroom')) as { uuid: number }
  await ada.ask('createroom')
  await ada.ask('closeroom', { uuid })
  t.match(await ada.ask('createroom'), { initiator: ada.id })
  t.match(await ada.ask('createroom'), { reason: 'too-many-rooms' })
})

t.test('names are limited in length, and have no character that nobody sees', async (t) => {
  for (const codec of codecs) {
    const service = newService({ limits: { nameLength: 5 } })
    const ada = addUser(service, codec)
    t.match(await ada.ask('createroom', { name: 'äbcde' }), { name: 'äbcde' })
    t.match(await ada.ask('createroom', { name: 'abcdef' }), { code: 'bad-frame', reason: 'wrong-type' })
    t.match(await ada.ask('connect', { room: { name: 'abcdef' }, create: true }), { reason: 'wrong-type' })
    t.match(await ada.ask('createroom', { name: 'x'.repeat(129) }), { reason: 'wrong-type' })
    t.strictSame(service.counts.limited, { nameLength: 3 })
    for (const char of ['\0', '\n', '\x1b', '\x7f', '\x85', '\u2028', '\u202e', '\u2066', '\u200b']) {
      t.match(await ada.ask('createroom', { name: `a${char}` }), {
        reason: 'wrong-type',
        message: /must not have U\+/,
      })
    }
    for (const name of ['a b', '実験室', 'مختبر', '👩‍🔬']) {
      t.match(await ada.ask('createroom', { name }), { name }, 'a name in any language is accepted')
    }
  }
})

t.test('the service limits the size of info', async (t) => {
  const service = newService({ limits: { infoBytes: 100 } })
  const ada = addUser(service, 'msgpack')
  join(service, 'lab', ada)
  t.match(await ada.ask('info', { name: 'x'.repeat(50) }), { name: /x/ })
  for (const [request, body] of [
    ['info', { more: 'x'.repeat(50) }],
    ['hello', { info: { more: 'x'.repeat(50) } }],
    ['connect', { room: { name: 'hall' }, create: true, info: { more: 'x'.repeat(50) } }],
    ['info', { more: 'x'.repeat(4_096) }],
  ] as const) {
    t.match(await ada.ask(request, body), { code: 'bad-frame', reason: 'wrong-type' }, request)
  }
  t.strictSame(service.users.get(ada.id)?.info, { name: 'x'.repeat(50) })
  t.strictSame(service.counts.limited, { infoBytes: 4 })
})

t.test('the service counts all other limits', async (t) => {
  const service = newService({
    limits: { users: 3, rooms: 3, roomsPerUser: 2, peersPerRoom: 2, frameBytes: 1_000, queuedBytes: 1_000 },
  })
  const [ada, bob, cid] = [addUser(service, 'json'), addUser(service, 'msgpack'), addUser(service, 'json')]
  t.throws(() => addUser(service, 'json'), { code: 'server-full' })
  const lab = join(service, 'lab', ada, bob)
  t.match(await cid.ask('connect', { room: { uuid: lab } }), { code: 'room-full' })
  join(service, 'hall', ada)
  await ada.ask('connect', { room: { name: 'attic' }, create: true })
  await cid.ask('createroom', { restrictions: { max: 1 } })
  await cid.ask('createroom')
  bob.ws.bufferedAmount = 999
  await ada.relay('data', bob.id, 'x')
  await Promise.resolve()
  t.match(await service.onmessage(`"${'x'.repeat(1_000)}"`, ada.ws).catch(refused), { code: 'frame-too-large' })
  t.strictSame(service.counts.limited, {
    users: 1,
    peersPerRoom: 1,
    roomsPerUser: 1,
    rooms: 1,
    queuedBytes: 1,
    frameBytes: 1,
  })
})

t.test('messages and bytes are counted by op, in and out', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  join(service, 'lab', ada, bob)
  const relay = encodeRelay(Op.offer, bob.id, new Uint8Array([0xc0]))
  const hello = encodeFrame([Op.hello, 1, {}])
  for (const message of [relay, hello, new Uint8Array([0xc1])]) await service.onmessage(message, ada.ws).catch(refused)
  await ada.tell('ping', 0)
  const text = JSON.stringify({ data: { cmd: 'answer', data: { id: ada.id, msg: 1 } } })
  await service.onmessage(text, bob.ws)
  t.strictSame(service.counts.taken, {
    offer: { frames: 1, bytes: relay.length },
    hello: { frames: 1, bytes: hello.length },
    unreadable: { frames: 1, bytes: 1 },
    ping: { frames: 1, bytes: 3 },
    answer: { frames: 1, bytes: text.length },
  })
  const { sent } = service.counts
  t.match(sent, {
    welcome: { frames: 1 },
    rooms: { frames: 2 },
    roomadded: { frames: 1 },
    connect: { frames: 2 },
    offer: { frames: 1 },
    answer: { frames: 1, bytes: 12 },
    ok: { frames: 1 },
    error: { frames: 1 },
    pong: { frames: 1, bytes: 3 },
  })
  const bytes = [ada, bob].flatMap(({ sent }) => sent).reduce((sum, { length }) => sum + length, 0)
  t.equal(
    Object.values(sent).reduce((sum, { bytes }) => sum + bytes, 0),
    bytes,
  )
})
