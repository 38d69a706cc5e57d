import fc from 'fast-check'
import t from 'tap'
import { encodeFrame, encodeRelay, Op, type RelayName, writePeer } from '../../../src/protocol/mod.ts'
import { relays } from '../../protocol/fixture/arbitrary-frames.ts'
import { concat, fromHex, toHex } from '../../protocol/fixture/bytes.ts'
import { addUser, join, newService, refused, type TestUser } from '../fixture/user.ts'

const names: RelayName[] = ['offer', 'answer', 'candidate', 'signal', 'data']

function pair(): { ada: TestUser; bob: TestUser; send(bytes: Uint8Array): Promise<unknown> } {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'msgpack')]
  join(service, 'lab', ada, bob)
  for (const user of [ada, bob]) user.take()
  return { ada, bob, send: (bytes) => service.onmessage(bytes, ada.ws).catch(refused) }
}

t.test('any relay frame arrives with another id and is otherwise unchanged', async (t) => {
  const { ada, bob, send } = pair()
  await fc.assert(
    fc.asyncProperty(relays, async (frame) => {
      const bytes = encodeFrame([frame[0], bob.id, frame[2]] as typeof frame)
      const sent = bytes.slice()
      await send(bytes)
      t.strictSame(bytes, sent, 'the host’s bytes stay unchanged')
      const got = bob.sent.at(-1) as Uint8Array
      writePeer(sent, ada.id)
      t.strictSame(new Uint8Array(got), sent)
    }),
  )
  t.strictSame(ada.take(), [], 'the sender receives nothing')
})

t.test('a body that is no msgpack is relayed unchanged', async (t) => {
  const { ada, bob, send } = pair()
  const bodies = ['c1', 'dd ffffffff', 'a5 ff', 'c0 c0 c0', `${'91'.repeat(5_000)}`, 'a9 5f5f70726f746f5f5f']
  for (const op of names) {
    for (const body of bodies) {
      await send(encodeRelay(Op[op], bob.id, fromHex(body)))
      t.equal(toHex(bob.sent.at(-1) as Uint8Array), toHex(encodeRelay(Op[op], ada.id, fromHex(body))))
    }
  }
  t.strictSame(ada.take(), [])
})

t.test('headers in other widths are forwarded in the canonical form', async (t) => {
  const service = newService()
  const bob = addUser(service, 'msgpack', '', 42)
  const ada = addUser(service, 'msgpack')
  join(service, 'lab', ada, bob)
  for (const head of [
    '93 01 2a',
    '93 01 cc 2a',
    '93 01 d1 002a',
    '93 cc 01 ce 0000002a',
    'dc 0003 01 cd 002a',
    'dd 00000003 cd 0001 d3 000000000000002a',
  ]) {
    await service.onmessage(concat(fromHex(head), fromHex('c1 01')), ada.ws)
    t.equal(toHex(bob.sent.at(-1) as Uint8Array), toHex(encodeRelay(Op.offer, ada.id, fromHex('c1 01'))), head)
  }
})

t.test('a relay to no peer in a common room gives its sender an error, and nobody else notices', async (t) => {
  for (const codec of ['msgpack', 'json'] as const) {
    const service = newService()
    const [ada, bob, eve, out] = Array.from({ length: 4 }, () => addUser(service, codec)) as [
      TestUser,
      TestUser,
      TestUser,
      TestUser,
    ]
    join(service, 'lab', ada, bob)
    join(service, 'hall', eve)
    for (const user of [ada, bob, eve, out]) user.take()
    for (const cmd of names) {
      const cases: [from: TestUser, to: number, error: object][] = [
        [ada, ada.id, { code: 'peer-not-found', reason: 'relay-to-self', peer: ada.id }],
        [ada, eve.id, { code: 'peer-not-found', reason: 'peer-not-found', peer: eve.id }],
        [ada, out.id, { code: 'peer-not-found', reason: 'peer-not-found', peer: out.id }],
        [ada, 12345, { code: 'peer-not-found', reason: 'peer-not-found', peer: 12345 }],
        [out, ada.id, { code: 'not-in-room', reason: 'not-in-room', peer: ada.id }],
        [out, out.id, { code: 'not-in-room', reason: 'not-in-room', peer: out.id }],
      ]
      for (const [from, to, error] of cases) {
        await from.relay(cmd, to, { a: 1 })
        t.strictSame(from.take(), [{ error, seq: 0 }])
      }
    }
    for (const user of [ada, bob, eve, out]) t.strictSame(user.take(), [])
    t.equal(service.counts.relayed, 0)
  }
})

t.test('a relay needs any one common room', async (t) => {
  const service = newService()
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  const lab = join(service, 'lab', ada, bob)
  const hall = join(service, 'hall', bob, ada)
  bob.take()
  await ada.ask('disconnect', { uuid: lab })
  await ada.relay('data', bob.id, 1)
  t.match(bob.take(), [{ event: 'disconnectPeer' }, { relay: 'data', from: ada.id, msg: 1 }])
  await bob.ask('disconnect', { uuid: hall })
  t.match(await ada.relay('data', bob.id, 2), { code: 'peer-not-found' })
  t.equal(service.counts.relayed, 1)
})

t.test('a user whose transport throws is removed, and the sender receives an error', async (t) => {
  const service = newService()
  const [ada, bob, cid] = [addUser(service, 'msgpack'), addUser(service, 'msgpack'), addUser(service, 'json')]
  join(service, 'lab', ada, bob, cid)
  for (const user of [ada, cid]) user.take()
  bob.ws.send = () => {
    throw new Error('The socket is gone')
  }
  t.match(await ada.relay('offer', bob.id, 1), { code: 'peer-not-found' })
  t.notOk(service.users.has(bob.id))
  t.match(ada.take(), [
    { error: { code: 'peer-not-found', peer: bob.id } },
    { event: 'disconnectPeer', data: { id: bob.id } },
  ])
  t.match(cid.take(), [{ event: 'disconnectPeer', data: { id: bob.id } }])
  t.equal(service.counts.failed, 1)
  t.match(bob.closed, [{ code: 1011 }], 'the transport is closed with 1011')
})
