import { ExtData } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { encodeRelay, Op, SUBPROTOCOL } from '../../src/protocol/mod.ts'
import { anyCharacter } from '../fixture/any-character.ts'
import { fromHex } from '../protocol/fixture/bytes.ts'
import { addUser, type Codec, codecs, join, newService, refused, type TestUser } from './fixture/user.ts'

function pair(from: Codec, to: Codec): { ada: TestUser; bob: TestUser } {
  const service = newService()
  const [ada, bob] = [addUser(service, from, 'ada'), addUser(service, to, 'bob')]
  join(service, 'lab', ada, bob)
  for (const user of [ada, bob]) user.take()
  return { ada, bob }
}

/** Values that exist in both msgpack and JSON. */
const common = fc
  .jsonValue({ maxDepth: 8, stringUnit: anyCharacter })
  .filter((value) => !/__proto__|-0/.test(JSON.stringify(value)))
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown)

for (const from of codecs) {
  for (const to of codecs) {
    t.test(`from ${from} to ${to}: values that exist in both codecs arrive unchanged`, async (t) => {
      const { ada, bob } = pair(from, to)
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('offer', 'answer', 'candidate', 'signal', 'data'),
          common,
          async (cmd, msg) => {
            await ada.relay(cmd, bob.id, msg)
            t.strictSame(bob.take(), [{ relay: cmd, from: ada.id, msg }])
            t.equal(typeof bob.sent.at(-1), to === 'json' ? 'string' : 'object')
          },
        ),
      )
      t.strictSame(ada.take(), [])
    })
  }
}

t.test('a JSON user and a msgpack user can exchange offer, answer and candidate', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'json', 'ada'), addUser(service, 'msgpack', 'bob')]
  await ada.ask('connect', { room: { name: 'lab' }, create: true, info: { name: 'Ada' } })
  await bob.ask('connect', { room: { name: 'lab' }, info: { name: 'Bob' } })
  await bob.relay('offer', ada.id, { type: 'offer', sdp: 'v=0\r\n', link: 1 })
  await ada.relay('answer', bob.id, { type: 'answer', sdp: 'v=0\r\n', link: 1 })
  await ada.relay('candidate', bob.id, { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 })
  const seen = (user: TestUser) =>
    user.take().filter((told) => 'relay' in told || ('event' in told && told.event === 'connect'))
  t.match(seen(ada), [
    { event: 'connect', data: { id: bob.id, info: { name: 'Bob' }, initiator: bob.id } },
    { relay: 'offer', from: bob.id, msg: { type: 'offer', sdp: 'v=0\r\n', link: 1 } },
  ])
  t.match(seen(bob), [
    { event: 'connect', data: { id: ada.id, info: { name: 'Ada' }, initiator: bob.id } },
    { relay: 'answer', from: ada.id, msg: { type: 'answer', sdp: 'v=0\r\n', link: 1 } },
    { relay: 'candidate', from: ada.id, msg: { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 } },
  ])
})

t.test('a JSON signal has the form that pages of the first service read', async (t) => {
  const { ada, bob } = pair('msgpack', 'json')
  await ada.relay('offer', bob.id, { sdp: 'v=0' })
  t.strictSame(JSON.parse(bob.sent.at(-1) as string), {
    cmd: 'offer',
    data: { id: ada.id, msg: { sdp: 'v=0' } },
    id: ada.id,
    service: 'webrtc',
  })
})

t.test('a signal without a msg arrives with nil', async (t) => {
  const { ada, bob } = pair('json', 'msgpack')
  await ada.relay('signal', bob.id, undefined)
  t.strictSame(bob.take(), [{ relay: 'signal', from: ada.id, msg: null }])
})

t.test('values that do not exist in JSON are converted', async (t) => {
  const { ada, bob } = pair('msgpack', 'json')
  const cases: [unknown, unknown][] = [
    [new Uint8Array([0, 255]), { base64: 'AP8=' }],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [new ExtData(5, new Uint8Array([1])), { type: 5, data: { base64: 'AQ==' } }],
  ]
  for (const [said, heard] of cases) {
    await ada.relay('data', bob.id, [said])
    t.strictSame(bob.take(), [{ relay: 'data', from: ada.id, msg: [heard] }])
  }
})

t.test('a body that cannot be translated gives its sender an error, and nobody else notices', async (t) => {
  const service = newService()
  const [ada, bob, cid] = [addUser(service, 'msgpack'), addUser(service, 'json'), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob, cid)
  for (const user of [ada, bob, cid]) user.take()
  for (const [body, reason] of [
    ['c1', 'not-msgpack'],
    ['a5 61', 'truncated'],
    ['c0 c0', 'trailing-bytes'],
    ['91'.repeat(100), 'too-deep'],
    ['a1 ff', 'not-msgpack'],
  ] as const) {
    await service.onmessage(encodeRelay(Op.data, bob.id, fromHex(body)), ada.ws).catch(refused)
    t.strictSame(ada.take(), [{ error: { code: 'bad-frame', reason, peer: bob.id }, seq: 0 }], body)
  }
  for (const user of [bob, cid]) t.strictSame(user.take(), [])
})

t.test('a parsed signal that no codec can encode is rejected with bad-frame', async (t) => {
  const loop: unknown[] = []
  loop.push(loop)
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  for (const to of codecs) {
    const service = newService()
    const [ada, bob] = [addUser(service, 'json'), addUser(service, to)]
    join(service, 'lab', ada, bob)
    for (const user of [ada, bob]) user.take()
    for (const msg of [loop, deep]) {
      await t.rejects(service.onmessage({ data: { cmd: 'offer', data: { id: bob.id, msg } } }, ada.ws), {
        code: 'bad-frame',
      })
      t.match(ada.take(), [{ error: { code: 'bad-frame', peer: bob.id } }])
    }
    t.strictSame(bob.take(), [])
  }
})

t.test('a host may parse the messages of a msgpack user: the callbackId becomes the seq', async (t) => {
  const { ada, bob } = pair('msgpack', 'json')
  t.equal(ada.ws.protocol, SUBPROTOCOL)
  const service = newService()
  const cid = addUser(service, 'msgpack')
  cid.take()
  await service.onmessage({ data: { cmd: 'info', data: { a: 1 } }, callbackId: 7 }, cid.ws)
  await service.onmessage({ data: { cmd: 'info', data: { a: 1 } }, callbackId: 'text' }, cid.ws)
  t.strictSame(cid.take(), [
    { ok: { a: 1 }, seq: 7 },
    { ok: { a: 1 }, seq: 0 },
  ])
  t.strictSame(bob.take(), [])
})
