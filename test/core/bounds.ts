/** Everything that can grow has a bound. Beyond it, the service rejects the sender and nobody else. */
import t from 'tap'
import { defaultLimits, type RoomInfo, serverLimits } from '../../src/core/mod.ts'
import { encodeFrame, encodeRelay, Op } from '../../src/protocol/mod.ts'
import { addKept, resume } from './fixture/resuming.ts'
import { addUser, codecs, join, newService, refused } from './fixture/user.ts'

t.test('a message over the limit is rejected and its sender closed with 1009', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    join(service, 'lab', ada, bob)
    bob.take()
    const frame = (bytes: number) => encodeRelay(Op.data, bob.id, new Uint8Array(bytes - 11))
    const envelope = JSON.stringify({ data: { cmd: 'data', data: { id: bob.id, msg: '' } } })
    const text = (bytes: number) => envelope.replace('""', JSON.stringify('x'.repeat(bytes - envelope.length)))
    const message = (bytes: number) => (codec === 'msgpack' ? frame(bytes) : text(bytes))
    await service.onmessage(message(262_144), ada.ws)
    t.equal(bob.sent.length > 0, true)
    t.strictSame(ada.closed, [])
    t.match(await service.onmessage(message(262_145), ada.ws).catch(refused), { code: 'frame-too-large' })
    t.match(ada.take().at(-1), { error: { code: 'frame-too-large' } })
    t.match(ada.closed, [{ code: 1009 }])
    t.strictSame(bob.closed, [])
  }
})

t.test('the limit counts the UTF-8 bytes of text', async (t) => {
  const service = newService({ limits: { frameBytes: 100 } })
  const ada = addUser(service, 'json')
  const text = (char: string, times: number) =>
    JSON.stringify({ data: { cmd: 'info', data: { a: char.repeat(times) } } })
  t.ok(text('€', 30).length < 100)
  t.match(await service.onmessage(text('€', 30), ada.ws).catch(refused), { code: 'frame-too-large' })
  t.strictSame(await service.onmessage(text('x', 50), ada.ws), { a: 'x'.repeat(50) })
  const bytes = new TextEncoder().encode(text('€', 30))
  t.match(
    await service.onmessage(bytes, ada.ws).catch(refused),
    { code: 'frame-too-large' },
    'the limit applies to text that arrives as bytes too',
  )
})

t.test('welcome has the limit', async (t) => {
  const ada = addUser(newService({ limits: { frameBytes: 1_000 } }), 'msgpack')
  t.match(ada.take()[0], { event: 'welcome', data: { frameBytes: 1_000 } })
})

t.test('text on a binary connection is rejected and its sender closed with 1003', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  ada.take()
  t.match(await service.onmessage('{"data":{"cmd":"rooms"}}', ada.ws).catch(refused), { reason: 'text-on-binary' })
  t.strictSame(ada.take(), [{ error: { code: 'bad-frame', reason: 'text-on-binary' }, seq: 0 }])
  t.match(ada.closed, [{ code: 1003 }])
})

t.test('a message of the server to a full queue closes the slow receiver once with 1013', async (t) => {
  for (const codec of codecs) {
    const service = newService({ limits: { queuedBytes: 1_000 } })
    const [ada, bob, cid] = [addUser(service, codec), addUser(service, codec), addUser(service, codec)]
    join(service, 'lab', ada, bob, cid)
    for (const user of [ada, bob, cid]) user.take()
    bob.ws.bufferedAmount = 990
    const [dan, eve] = [addUser(service, codec), addUser(service, codec)]
    join(service, 'lab', dan, eve)
    await Promise.resolve()
    t.match(bob.closed, [{ code: 1013 }])
    t.equal(bob.closed.length, 1)
    t.strictSame(bob.take(), [], 'a full queue receives nothing more')
    t.notOk(service.users.has(bob.id))
    t.match(cid.take().at(-1), { event: 'disconnectPeer', data: { id: bob.id } })
    t.equal(service.counts.slow, 1)
  }
})

t.test('relays never close a slow receiver: one sender has a quarter of its queue, all have three', async (t) => {
  for (const codec of codecs) {
    const service = newService({ limits: { queuedBytes: 4_000 } })
    const bob = addUser(service, codec)
    const senders = Array.from({ length: 4 }, () => addUser(service, codec))
    join(service, 'lab', bob, ...senders)
    for (const user of [bob, ...senders]) user.take()
    const { send } = bob.ws
    bob.ws.send = (data) => {
      send(data)
      bob.ws.bufferedAmount += data.length
    }
    const error = { code: 'rate-limited', reason: 'slow-receiver', peer: bob.id }
    const body = 'x'.repeat(200)
    const accepted: number[] = []
    for (const sender of senders) {
      let sent = 0
      while ((await sender.relay('data', bob.id, body)) === undefined) sent++
      accepted.push(sent * (bob.sent.at(-1) as Uint8Array | string).length)
      t.strictSame(sender.take(), [{ error, seq: 0 }])
    }
    const [first, second, third, fourth] = accepted as [number, number, number, number]
    for (const bytes of [first, second, third]) t.ok(bytes > 500 && bytes <= 1_000, `${bytes} bytes of one sender`)
    t.ok(first + second + third + fourth <= 3_000, `${accepted} bytes of all senders`)
    t.strictSame([bob.closed, service.counts.slow, service.counts.limited.queuedBytes], [[], 0, senders.length])
    t.strictSame(await senders[0]?.ask('disconnect'), { cmd: 'roomclosed' })
    t.match(bob.take().at(-1), { event: 'disconnectPeer' }, 'the server still reaches the receiver')
    bob.ws.bufferedAmount = 0
    t.equal(await senders[1]?.relay('data', bob.id, body), undefined, 'a receiver that reads again has place again')
  }
})

t.test('relays never end a session that waits: they have three quarters of its buffer', async (t) => {
  const service = newService({ limits: { replayBytes: 4_000 } })
  const { user: bob, token } = await addKept(service)
  const sender = addUser(service, 'msgpack')
  join(service, 'lab', bob, sender)
  bob.lose()
  let relayed = 0
  while ((await sender.relay('data', bob.id, 'x'.repeat(200))) === undefined) relayed++
  t.ok(relayed > 8 && relayed * 214 <= 3_000, `${relayed} relays`)
  sender.leave()
  const { user, answer } = await resume(service, token, 0)
  t.match(answer, { recovered: true })
  t.equal(user.take().filter((told) => 'relay' in told).length, relayed, 'all of them arrive')
})

t.test('an empty queue takes any message, and a user that does not read its answers is closed', async (t) => {
  const service = newService({ limits: { queuedBytes: 10 } })
  const ada = addUser(service, 'json')
  await ada.ask('rooms')
  await Promise.resolve()
  t.strictSame(ada.closed, [])
  t.match(ada.take(), [{ event: 'rooms' }, { ok: { cmd: 'rooms' } }])
  ada.ws.bufferedAmount = 5
  await ada.ask('rooms')
  await Promise.resolve()
  t.match(ada.closed, [{ code: 1013 }])
})

t.test('the service limits users', async (t) => {
  const service = newService({ limits: { users: 2 } })
  const ada = addUser(service, 'json')
  addUser(service, 'msgpack')
  t.throws(() => addUser(service, 'json'), { code: 'server-full' })
  t.equal(service.users.size, 2)
  ada.leave()
  t.doesNotThrow(() => addUser(service, 'json'))
})

t.test('the service limits rooms', async (t) => {
  const service = newService({ limits: { rooms: 2 } })
  const ada = addUser(service, 'json')
  await ada.ask('createroom')
  await ada.ask('createroom')
  ada.take()
  t.match(await ada.ask('createroom'), { code: 'server-full' })
  t.match(await ada.ask('connect', { room: { name: 'x' }, create: true }), { code: 'server-full' })
  t.equal(service.rooms.size, 2)
  t.match(
    ada.take(),
    [{ error: { code: 'server-full' } }, { error: { code: 'server-full' } }],
    'no user is notified of a rejected room',
  )
})

t.test('the service limits the rooms that one user is in', async (t) => {
  const service = newService({ limits: { roomsPerUser: 2 } })
  const ada = addUser(service, 'json')
  join(service, 'a', ada)
  join(service, 'b', ada)
  t.match(await ada.ask('connect', { room: { name: 'c' }, create: true }), {
    code: 'forbidden',
    reason: 'too-many-rooms',
  })
  t.equal(service.rooms.size, 2, 'no room was created')
  await ada.ask('disconnect')
  t.match(await ada.ask('connect', { room: { name: 'c' }, create: true }), { name: 'c' })
})

t.test('the room’s max and the limit of the service bound the peers in a room', async (t) => {
  const service = newService({ limits: { peersPerRoom: 2 } })
  const users = Array.from({ length: 4 }, () => addUser(service, 'json'))
  const [ada, bob, cid] = users as [(typeof users)[0], (typeof users)[0], (typeof users)[0]]
  const small = (await ada.ask('createroom', { restrictions: { max: 1 } })) as RoomInfo
  const large = (await ada.ask('createroom', { restrictions: { max: 100 } })) as RoomInfo
  await ada.ask('connect', { room: { uuid: small.uuid } })
  t.match(await bob.ask('connect', { room: { uuid: small.uuid } }), { code: 'room-full' })
  await ada.ask('connect', { room: { uuid: large.uuid } })
  await bob.ask('connect', { room: { uuid: large.uuid } })
  t.match(await cid.ask('connect', { room: { uuid: large.uuid } }), { code: 'room-full' })
})

t.test('the service limits the rooms in a listing', async (t) => {
  const service = newService({ limits: { listedRooms: 2 } })
  const ada = addUser(service, 'json')
  for (let i = 0; i < 3; i++) await ada.ask('createroom')
  t.equal(((await ada.ask('rooms')) as { data: [] }).data.length, 2)
  const bob = addUser(service, 'json')
  t.match(bob.take()[0], { event: 'rooms', data: { length: 2 } })
})

t.test('the service limits the length of a listing', async (t) => {
  // Otherwise a few bytes of request could cause hundreds of megabytes of answers.
  const service = newService()
  const ada = addUser(service, 'msgpack', 'ada')
  const users = Array.from({ length: 1_000 }, (_, i) => `user number ${i}`.slice(0, 14))
  for (let i = 0; i < 200; i++) await ada.ask('createroom', { restrictions: { users } })
  const { data } = (await ada.ask('rooms')) as { data: RoomInfo[] }
  t.ok(data.length > 50 && data.length < 100, `the listing has ${data.length} rooms`)
  t.ok((ada.sent.at(-1)?.length as number) <= 1_048_576)
  const bob = addUser(service, 'json', 'user number 7')
  t.ok((bob.sent.at(-1)?.length as number) <= 1_048_576 + 100)
})

t.test('the service limits the info of a user, in one request or in several', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  t.match(await ada.ask('info', { a: 'x'.repeat(5_000) }), { code: 'bad-frame', reason: 'wrong-type' })
  for (let i = 0; i < 10; i++) await ada.ask('info', { [`a${i}`]: 'x'.repeat(1_000) })
  t.strictSame(Object.keys(service.users.get(ada.id)?.info ?? {}), ['a0', 'a1', 'a2', 'a3'])
})

t.test('the default limits are positive integers', async (t) => {
  t.strictSame(defaultLimits.frameBytes, 262_144)
  t.strictSame(defaultLimits.queuedBytes, 4 * 2 ** 20)
  t.strictSame(defaultLimits.listedRooms, 1_000)
  for (const [name, limit] of Object.entries({ ...defaultLimits, ...serverLimits })) {
    t.ok(Number.isSafeInteger(limit) && limit > 0, name)
  }
})

t.test('bad messages leave nothing behind', async (t) => {
  const service = newService()
  const [ada, eve] = [addUser(service, 'json'), addUser(service, 'msgpack')]
  ada.take()
  const bad = [
    new Uint8Array(),
    new Uint8Array([0x93]),
    encodeFrame([Op.ok, 1, null]),
    encodeFrame([Op.connect, 1, { room: { uuid: 5 } }]),
  ]
  for (let i = 0; i < 4_000; i++) await service.onmessage(bad[i % bad.length] as Uint8Array, eve.ws).catch(refused)
  t.equal(service.counts.received, 4_000)
  t.strictSame(service.counts.refused, { 'bad-frame': 3_000, 'room-not-found': 1_000 })
  t.equal(service.rooms.size, 0)
  t.strictSame([ada.take(), eve.closed], [[], []], 'other users notice nothing, and the sender stays')
})
