import t from 'tap'
import { KeptLink } from '../../../src/peer/link/kept-link.ts'
import { until } from '../../fixture/until.ts'
import { linkedPair, peerOf } from '../fixture/linked-pair.ts'

t.setTimeout(600_000)
// Each test has its own room and mostly waits.
t.jobs = 20

t.test('when both sessions start afresh, open links are kept and no peer leaves', async (t) => {
  const { room, ada, bob, isWhole, logged } = await linkedPair(t)
  const before = [peerOf(ada), peerOf(bob)]
  room.restart(ada, 11)
  room.restart(bob, 12)
  // Samples arrive after the new ids that both peers announce on the link.
  await isWhole()
  room.introduce(ada, bob)
  await until(
    () => room.relayed.filter(({ body }) => body.type === 'kept').length === 2,
    () => room.relayed,
  )
  await isWhole()
  t.strictSame([peerOf(ada), peerOf(bob)], before)
  t.strictSame([...ada.membership.peers.keys(), ...bob.membership.peers.keys()], [12, 11])
  t.equal(room.fake.connections.length, 2)
  t.notOk([...ada.log, ...bob.log].some((line) => /^(peerleave|recover)/.test(line)))
  // From now on, roles and link number are those of the new pair.
  room.fake.connections[0]?.hangUp(room.fake.connections[1] as never)
  await Promise.all([logged(ada, 'recovered: rebuild'), logged(bob, 'recovered: rebuild')])
  t.match(
    room.relayed.findLast(({ name }) => name === 'offer'),
    { from: 12, body: { link: 102, attempt: undefined } },
  )
  await isWhole()
})

t.test('a peer with the wrong certificate is detected', async (t) => {
  const { room, ada, bob, isWhole, logged } = await linkedPair(t)
  room.restart(ada, 11)
  room.restart(bob, 12)
  await isWhole()
  room.loses = ({ body }) => body.type === 'kept'
  room.introduce(ada, bob)
  const kept = { type: 'kept', link: 102, fingerprint: 'certificate of 7' }
  peerOf(ada).receiveSignal('signal', kept)
  await logged(ada, 'recovered: rebuild')
  // Ada closed the link; Bob would have waited longer.
  t.ok(bob.log.includes('recovering: failed rebuild'))
  await isWhole()
})

t.test('a second fresh start replaces the check of the first', async (t) => {
  const log: string[] = []
  const timers = new Set<() => void>()
  const kept = new KeptLink({
    send: () => log.push('send'),
    differ: () => log.push('differ'),
    after(_, callback) {
      timers.add(callback)
      return () => timers.delete(callback)
    },
  })
  kept.check(true, 15)
  kept.check(false, 15)
  t.ok(kept.receive('mine', 'mine'))
  t.strictSame(log, ['send', 'send'])
  t.equal(timers.size, 0, 'no timeout is left to close the kept link')
  t.notOk(kept.receive('mine', 'mine'), 'nothing is expected')
})
