/** A user that has lost its connection can resume. It misses nothing, and nobody else notices. */
import t from 'tap'
import { encodeRelay, Op } from '../../../src/protocol/mod.ts'
import { fakeClock } from '../fixture/clock.ts'
import { addKept, resume } from '../fixture/resuming.ts'
import { addUser, codecs, join, newService, refused } from '../fixture/user.ts'

t.test('a user that did not request a session is removed at once', async (t) => {
  for (const codec of codecs) {
    const service = newService({ clock: fakeClock() })
    const [ada, bob] = [addUser(service, codec), addUser(service, codec)]
    join(service, 'lab', ada, bob)
    bob.take()
    ada.lose()
    t.match(bob.take(), [{ event: 'disconnectPeer', data: { id: ada.id } }])
    t.notOk(service.users.has(ada.id))
  }
})

t.test('hello returns the session token and the grace time', async (t) => {
  const service = newService({ clock: fakeClock(), resumeGrace: 5_000 })
  const ada = addUser(service, 'msgpack')
  const answer = await ada.ask('hello', { resume: true })
  t.match(answer, { id: ada.id, recovered: false, resume: { token: /^[\w-]{32}$/, grace: 5_000 } })
  t.strictSame(await ada.ask('hello', { info: { a: 1 } }), answer, 'a later hello returns the same session')
  t.strictSame(await ada.ask('hello', { resume: true }), answer)
  t.strictSame(await ada.ask('hello', { resume: { token: 'x', received: 0 } }), answer)
  t.strictSame(service.users.get(ada.id)?.info, { a: 1 })
})

t.test('JSON users, and users of a service without grace time, get no session', async (t) => {
  for (const [codec, resumeGrace] of [
    ['json', 30_000],
    ['msgpack', 0],
  ] as const) {
    const service = newService({ clock: fakeClock(), resumeGrace })
    const ada = addUser(service, codec)
    for (const resume of [true, { token: 'x', received: 3 }]) {
      t.strictSame(await ada.ask('hello', { resume }), { id: ada.id, recovered: false })
    }
    ada.lose()
    t.equal(service.users.size, 0)
  }
})

t.test('a resumed client receives the answer, then what it missed, once and in order, then what follows', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  const bob = addUser(service, 'json')
  const uuid = join(service, 'lab', ada, bob)
  await bob.relay('signal', ada.id, 0)
  t.equal(ada.take().length, 3, 'roomadded, connect and the signal came over the first connection')
  bob.take()
  ada.lose()
  t.equal(service.counts.waiting, 1)
  t.strictSame(await bob.relay('signal', ada.id, 1), undefined, 'a relay to a disconnected user succeeds')
  service.connect({ data: { room: { uuid } } }, addUser(service, 'json').id)
  await bob.relay('signal', ada.id, 2)
  t.strictSame(ada.take(), [], 'the lost connection receives nothing')

  const { user: again, answer } = await resume(service, token, 2)
  t.strictSame(answer, { id: ada.id, recovered: true, received: 0, resume: answer.resume })
  t.not(answer.resume.token, token)
  await bob.relay('signal', ada.id, 3)
  const [first, ...rest] = again.take()
  t.match(first, { ok: { recovered: true } })
  const signal = (msg: number) => ({ relay: 'signal', from: bob.id, msg })
  t.match(rest, [signal(0), signal(1), { event: 'connect' }, signal(2), signal(3)])
  t.equal(again.ws.id, ada.id)
  t.notOk(service.users.has(again.id), 'the temporary user is removed')
  t.equal(service.users.get(ada.id)?.ws, again.ws)
  t.match(bob.take(), [{ event: 'connect' }], 'other users are not notified')
  t.match(service.counts, { waiting: 0, resumed: { recovered: 1, displaced: 0, refused: 0 } })
})

t.test('from the first hello on, every message of the client counts, except pings and pongs', async (t) => {
  const service = newService({ clock: fakeClock() })
  const ada = addUser(service, 'msgpack')
  await ada.ask('rooms')
  await ada.tell('ping', 0)
  const { resume: offer } = (await ada.ask('hello', { resume: true })) as { resume: { token: string } }
  await ada.ask('hello', { info: {} })
  await ada.tell('ping', 1)
  await ada.relay('offer', 5, null)
  await ada.tell('pong', 2)
  await service.onmessage(new Uint8Array([0x93, 1]), ada.ws).catch(() => {})
  await ada.tell('ping', 99)
  ada.lose()
  const { answer } = await resume(service, offer.token, 4)
  t.match(answer, { recovered: true, received: 3 })
})

t.test('a ping is answered with a pong, a pong is not answered, and both acknowledge', async (t) => {
  const service = newService({ clock: fakeClock() })
  const { user: ada, token } = await addKept(service)
  await ada.ask('rooms')
  await ada.ask('rooms')
  ada.take()
  await ada.tell('pong', 1)
  t.strictSame(ada.take(), [])
  await ada.tell('ping', 2)
  t.strictSame(ada.take(), [{ keepalive: 'pong', received: 2 }])
  t.match(
    await ada.tell('ping', 3),
    { code: 'bad-frame', reason: 'wrong-type' },
    'more than was sent cannot be acknowledged',
  )
  t.match(ada.take(), [{ error: { reason: 'wrong-type' } }], 'a rejected ping is not answered with a pong')
  ada.lose()
  t.match((await resume(service, token, 1)).answer, { recovered: false }, 'acknowledged frames are dropped')
  t.match((await resume(service, token, 2)).answer, { recovered: true })
})

t.test('pings work without a session, with counts of 0', async (t) => {
  const ada = addUser(newService(), 'msgpack')
  ada.take()
  await ada.tell('ping', 0)
  t.strictSame(ada.take(), [{ keepalive: 'pong', received: 0 }])
  t.match(await ada.tell('pong', 1), { code: 'bad-frame' })
  t.match(ada.take(), [{ error: { code: 'bad-frame' } }])
})

t.test('a JSON user cannot ping', async (t) => {
  const service = newService()
  const ada = addUser(service, 'json')
  ada.take()
  const ping = { data: { cmd: 'ping', data: 0 }, callbackId: 1 }
  t.match(await service.onmessage(ping, ada.ws).catch(refused), { code: 'bad-frame', reason: 'unknown-op' })
  t.match(ada.take(), [{ error: { reason: 'unknown-op' }, seq: 1 }])
})

t.test('the service acknowledges with a ping after 64 frames or 64 KiB', async (t) => {
  const service = newService({ clock: fakeClock() })
  const [{ user: ada }, { user: bob }] = [await addKept(service), await addKept(service)]
  join(service, 'lab', ada, bob)
  ada.take()
  for (let i = 0; i < 63; i++) await ada.relay('data', bob.id, null)
  t.strictSame(ada.take(), [])
  await ada.relay('data', bob.id, null)
  t.strictSame(ada.take(), [{ keepalive: 'ping', received: 64 }])
  await service.onmessage(encodeRelay(Op.data, bob.id, new Uint8Array(65_536)), ada.ws)
  t.strictSame(ada.take(), [{ keepalive: 'ping', received: 65 }])
})

t.test('a relay is buffered without a copy, and dropped when it is acknowledged', async (t) => {
  const service = newService({ clock: fakeClock(), limits: { replayBytes: 1_000 } })
  const [{ user: ada }, { user: bob, token }] = [await addKept(service), await addKept(service)]
  join(service, 'lab', ada, bob)
  const send = (bytes: Uint8Array<ArrayBuffer>) => service.receive(bytes, ada.ws)
  // The client received roomadded and connect before. So all frames but the newest are acknowledged and dropped.
  for (let received = 2; received < 100; received++) {
    send(encodeRelay(Op.data, bob.id, new Uint8Array(400)))
    await bob.tell('pong', received)
  }
  bob.lose()
  const frame = encodeRelay(Op.data, bob.id, new Uint8Array([0xc1, 0xff, 0xdd]))
  send(frame)
  const got: unknown[] = []
  const again = addUser(service, 'msgpack')
  again.ws.send = (data) => got.push(data)
  t.match(await again.ask('hello', { resume: { token, received: 100 } }), { recovered: true })
  t.equal(got.length, 2)
  t.equal(got[1], frame, 'the frame is neither copied nor decoded')
})
