import t from 'tap'
import type { RoomInfo } from '../../src/core/mod.ts'
import { encodeFrame, type Frame, Op, SignalError } from '../../src/protocol/mod.ts'
import { addUser, codecs, join, newService, read, subscribe } from './fixture/user.ts'

t.test('onmessage: takes text, bytes and objects, answers the sender and resolves to the result', async (t) => {
  const service = newService()
  const ada = addUser(service, 'json')
  ada.take()
  const object = { data: { cmd: 'info', data: { name: 'Ada' } }, callbackId: 'x' }
  const text = JSON.stringify(object)
  for (const o of [object, text, new TextEncoder().encode(text), new TextEncoder().encode(text).buffer]) {
    t.strictSame(await service.onmessage(o, ada.ws), { name: 'Ada' })
    t.strictSame(JSON.parse(ada.sent.at(-1) as string), {
      data: { name: 'Ada' },
      callbackId: 'x',
      id: ada.id,
      service: 'webrtc',
    })
  }
  t.strictSame(object, { data: { cmd: 'info', data: { name: 'Ada' } }, callbackId: 'x' }, 'the objects stay unchanged')
})

t.test('onmessage: handles every request, in both codecs', async (t) => {
  for (const codec of codecs) {
    const service = newService({ iceServers: [{ urls: 'stun:stun.example.org' }] })
    const ada = addUser(service, codec, 'ada')
    ada.take()
    const room = (await ada.ask('createroom', { name: 'lab' })) as RoomInfo
    t.strictSame(await ada.ask('rooms'), { cmd: 'rooms', data: [room] })
    t.strictSame(await ada.ask('connect', { room: { uuid: room.uuid } }), { ...room, peers: [ada.id] })
    t.strictSame(await ada.ask('info', { a: 1 }), { a: 1 })
    t.strictSame(await ada.ask('info', { b: 2 }), { a: 1, b: 2 })
    t.strictSame(await ada.ask('ice'), { iceServers: [{ urls: 'stun:stun.example.org' }] })
    t.strictSame(await ada.ask('disconnect', { uuid: room.uuid }), { cmd: 'roomclosed' })
    const ice = { iceServers: [{ urls: 'stun:stun.example.org' }] }
    t.strictSame(await ada.ask('hello', { info: { c: 3 } }), { id: ada.id, recovered: false, ice })
    t.strictSame(
      ada.take().map((told) => ('seq' in told ? told.seq : 'event')),
      [...(codec === 'json' ? ['event'] : []), 1, 2, 3, 4, 5, 6, 7, 8],
      `requests are answered in order, in ${codec}`,
    )
    t.strictSame(service.users.get(ada.id)?.info, { a: 1, b: 2, c: 3 })
  }
})

t.test('onmessage: a rejected request is answered, rejects for the host, and is counted', async (t) => {
  for (const codec of codecs) {
    const service = newService()
    const [ada, bob] = [addUser(service, codec), addUser(service, 'json')]
    ada.take()
    bob.take()
    t.match(await ada.ask('connect', { room: { uuid: 5 } }), new SignalError('room-not-found', 'Cannot find the room'))
    t.strictSame(ada.take(), [{ error: { code: 'room-not-found', reason: 'room-not-found' }, seq: 1 }])
    t.strictSame(bob.take(), [], 'other users notice nothing')
    t.match(service.counts, { received: 1, relayed: 0, refused: { 'room-not-found': 1 }, slow: 0, failed: 0 })
  }
})

t.test('onmessage: rejects for a user that was not added or has left', async (t) => {
  const service = newService()
  await t.rejects(service.onmessage('{}', { send: () => t.fail('the service sent a message') }), {
    code: 'unauthorized',
  })
  const ada = addUser(service, 'json')
  ada.leave()
  t.match(await ada.ask('rooms'), { code: 'unauthorized' })
})

t.test('receive: forwards at once, in the buffer that it was given', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  const got: unknown[] = []
  const bob = { id: 42, protocol: ada.ws.protocol, send: (data: unknown) => got.push(data) }
  service.addUser(bob, '')
  join(service, 'lab', ada, bob)
  const frame = new Uint8Array([0x93, Op.data, 0xcf, 0, 0, 0, 0, 0, 0, 0, 42, 0xc0])
  t.strictSame(service.receive(frame, ada.ws), { kind: 'relay', result: undefined })
  t.equal(got.at(-1), frame)
})

t.test('receive: says what each message was, and what its sender receives', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  join(service, 'lab', ada, bob)
  const send = (frame: Frame) => service.receive(encodeFrame(frame), ada.ws)
  t.strictSame(send([Op.offer, bob.id, 1]), { kind: 'relay', result: undefined })
  t.strictSame(send([Op.ping, 0]), { kind: 'keepalive', result: undefined })
  t.strictSame(send([Op.info, 1, { a: 1 }]), { kind: 'request', result: { a: 1 } })
  const signal = { data: { cmd: 'offer', data: { id: ada.id, msg: 1 } } }
  t.strictSame(service.receive(signal, bob.ws), { kind: 'relay', result: undefined })
  t.strictSame(service.receive({ ...signal, callbackId: 1 }, bob.ws), { kind: 'relay', result: null })
  t.throws(() => send([Op.offer, 5, 1]), { code: 'peer-not-found' })
})

t.test('an event to several users is one message in the codec of each', async (t) => {
  const service = newService()
  const users = [addUser(service, 'msgpack'), addUser(service, 'json'), addUser(service, 'msgpack')] as const
  await subscribe(...users)
  await service.createRoom({ name: 'lab' }, users[0].id)
  const last = users.map(({ sent }) => sent.at(-1) as string | Uint8Array)
  t.strictSame(read(last[0] as Uint8Array), read(last[1] as string))
  t.strictSame(last[0], last[2])
})
