import t from 'tap'
import { encodeFrame, Op } from '../../../src/protocol/mod.ts'
import { fromHex } from '../../protocol/fixture/bytes.ts'
import { addUser, join, newService, refused } from '../fixture/user.ts'

t.test('the sender of a bad frame receives an error and stays, and other users notice nothing', async (t) => {
  const service = newService()
  const [eve, bob] = [addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  join(service, 'lab', eve, bob)
  for (const user of [eve, bob]) user.take()
  const bad: [hex: string, reason: string][] = [
    ['', 'truncated'],
    ['93 11 01', 'truncated'],
    ['93 01 cf 0000', 'truncated'],
    ['93 11 01 db ffffffff', 'truncated'],
    ['dd ffffffff', 'truncated'],
    ['93 11 01 c0 c0', 'trailing-bytes'],
    ['93 7f 01 c0', 'unknown-op'],
    ['93 20 01 c0', 'unknown-op'],
    ['92 30 80', 'unknown-op'],
    ['92 11 90', 'unknown-op'],
    ['92 13 80', 'unknown-op'],
    ['93 cb3ff0000000000000 01 c0', 'unknown-op'],
    ['80', 'wrong-type'],
    ['93 01 00 c0', 'wrong-type'],
    ['93 11 ff c0', 'wrong-type'],
    [`93 11 01 ${'91'.repeat(10_000)}`, 'too-deep'],
    ['93 11 01 c1', 'not-msgpack'],
    ['93 15 01 81 a9 5f5f70726f746f5f5f 80', 'not-msgpack'],
    ['93 15 01 81 a1 61 a1 ff', 'not-msgpack'],
  ]
  for (const [hex, reason] of bad) {
    t.match(await service.onmessage(fromHex(hex), eve.ws).catch(refused), { code: 'bad-frame', reason })
    t.strictSame(eve.take(), [{ error: { code: 'bad-frame', reason }, seq: 0 }], hex.slice(0, 40))
  }
  t.strictSame(eve.closed, [])
  t.match(await eve.ask('rooms'), { cmd: 'rooms' }, 'the sender is still served')
  t.strictSame(bob.take(), [])
})

t.test('the error for a bad request has its seq', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  ada.take()
  for (const [op, body] of [
    [Op.connect, null],
    [Op.createroom, []],
    [Op.info, 5],
    [Op.disconnect, 'x'],
    [Op.hello, { token: 1 }],
  ] as const) {
    await service.onmessage(encodeFrame([op, 77, body]), ada.ws).catch(refused)
    t.strictSame(ada.take(), [{ error: { code: 'bad-frame', reason: 'wrong-type' }, seq: 77 }])
  }
})

t.test('the sender of bad text receives an error and stays, and other users notice nothing', async (t) => {
  const service = newService()
  const [eve, bob] = [addUser(service, 'json'), addUser(service, 'json')]
  join(service, 'lab', eve, bob)
  for (const user of [eve, bob]) user.take()
  const bad: [message: string | object, reason: string, seq: unknown][] = [
    ['', 'not-json', 0],
    ['{"data":', 'not-json', 0],
    ['{"data":{"cmd":"info","data":{"__proto__":{"admin":true}}},"callbackId":5}', 'not-json', 0],
    ['{"data":{"cmd":"info","data":{"\\u005f_proto__":{"admin":true}}},"callbackId":5}', 'not-json', 0],
    [new Uint8Array([0xff, 0xfe]), 'not-json', 0],
    [fromHex('93 11 01 c0'), 'not-json', 0],
    ['null', 'wrong-type', 0],
    ['{"cmd":"rooms"}', 'wrong-type', 0],
    ['['.repeat(100_000), 'too-deep', 0],
    ['{"data":{"cmd":"nonsense"},"callbackId":5}', 'unknown-op', 5],
    ['{"data":{"cmd":"toString"},"callbackId":5}', 'unknown-op', 5],
    ['{"data":{"cmd":"welcome"},"callbackId":5}', 'unknown-op', 5],
    ['{"data":{"cmd":17},"callbackId":5}', 'unknown-op', 5],
    ['{"data":{},"callbackId":"five"}', 'unknown-op', 'five'],
    ['{"data":{"cmd":"offer"},"callbackId":5}', 'wrong-type', 5],
    ['{"data":{"cmd":"offer","data":{"id":"1","msg":1}},"callbackId":5}', 'wrong-type', 5],
    ['{"data":{"cmd":"offer","data":{"id":-1,"msg":1}},"callbackId":5}', 'wrong-type', 5],
    ['{"data":{"cmd":"connect","data":{"room":[]}},"callbackId":5}', 'wrong-type', 5],
    [{ nothing: true }, 'wrong-type', 0],
  ]
  for (const [message, reason, seq] of bad) {
    const result = await service.onmessage(message as string, eve.ws).catch(refused)
    t.match(result, { code: 'bad-frame', reason }, String(message).slice(0, 40))
    t.strictSame(eve.take(), [{ error: { code: 'bad-frame', reason }, seq }])
  }
  t.strictSame(eve.closed, [])
  t.notOk('admin' in {})
  t.match(await eve.ask('rooms'), { cmd: 'rooms' }, 'the sender is still served')
  t.strictSame(bob.take(), [])
})

t.test('the answer has the callbackId of the request, whatever it is', async (t) => {
  const service = newService()
  const ada = addUser(service, 'json')
  for (const callbackId of [0, -1, 0.123, 'a', null, [1], { a: 1 }, true]) {
    await service.onmessage(JSON.stringify({ data: { cmd: 'rooms' }, callbackId }), ada.ws)
    t.strictSame(JSON.parse(ada.sent.at(-1) as string).callbackId, callbackId)
  }
  await service.onmessage('{"data":{"cmd":"rooms"}}', ada.ws)
  t.notOk('callbackId' in JSON.parse(ada.sent.at(-1) as string))
})

t.test('a JSON signal is acknowledged only if it has a callbackId', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'json'), addUser(service, 'json')]
  join(service, 'lab', ada, bob)
  for (const user of [ada, bob]) user.take()
  const message = { data: { cmd: 'offer', data: { id: bob.id, msg: { sdp: 'x' } } } }
  await service.onmessage(JSON.stringify(message), ada.ws)
  t.strictSame(ada.take(), [])
  await service.onmessage(JSON.stringify({ ...message, callbackId: 9 }), ada.ws)
  t.strictSame(ada.take(), [{ ok: null, seq: 9 }])
  t.equal(bob.take().length, 2)
})

t.test('requests are handled and answered in order', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  ada.take()
  await Promise.all([
    ada.ask('createroom', { name: 'a' }),
    ada.ask('connect', { room: { name: 'a' } }),
    ada.ask('connect', { room: { name: 'b' } }),
    ada.ask('disconnect'),
  ])
  t.match(ada.take(), [
    { ok: { name: 'a' }, seq: 1 },
    { ok: { peers: [ada.id] }, seq: 2 },
    { error: { code: 'room-not-found' }, seq: 3 },
    { ok: { cmd: 'roomclosed' }, seq: 4 },
  ])
})

t.test('the service accepts a Buffer as bytes', async (t) => {
  const service = newService()
  const ada = addUser(service, 'msgpack')
  t.strictSame(await service.onmessage(Buffer.from(encodeFrame([Op.info, 1, { a: 1 }])), ada.ws), { a: 1 })
})
