import t from 'tap'
import type { RemotePeer } from '../../../src/peer/room/remote-peer.ts'
import { until } from '../../fixture/until.ts'
import { FakeRoom, type Inside } from '../fixture/fake-room.ts'

t.setTimeout(600_000)

const peerOf = ({ membership }: Inside, id: number) => membership.peers.get(id) as RemotePeer
const times = ({ log }: Inside, line: string) => log.filter((logged) => logged === line).length

t.test('a peer with too many controls loses its links, and nobody else notices', async (t) => {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  const [ada, bob, eve] = [room.enter(1), room.enter(2), room.enter(3)]
  const told = () => [ada.log, bob.log, eve.log]
  for (const [one, others] of [
    [ada, [2, 3]],
    [bob, [1, 3]],
  ] as const)
    await until(() => others.every((id) => times(one, `connect ${id}`) === 1), told)
  const heard: unknown[] = []
  peerOf(ada, 2).addEventListener('stream', ({ detail }) =>
    detail.getDataTracks()[0]?.subscribe((values) => heard.push(...values)),
  )
  const ramp = bob.membership.publish({ name: 'ramp', format: 'int16' })
  ramp.push([1])
  for (let i = 0; i < 1_000; i++) eve.membership.publish({ name: 'noise', format: 'int8' }).stop()
  const error = 'error: rate-limited'
  await until(() => [ada, bob].every((one) => times(one, error) > 0), told)
  ramp.push([2])
  await until(() => heard.length === 2, told)
  for (const one of [ada, bob]) {
    t.strictSame([times(one, error), times(one, 'close 3')], [1, 1], 'one error')
    t.equal(peerOf(one, 3).state, 'closed')
    t.ok(peerOf(one, 3).ignored > 0, 'the control is counted')
    const streams = times(one, 'stream noise of 3')
    t.ok(streams >= 588 && streams < 1_000, `${streams} publications of Eve were accepted`)
    t.equal(times(one, 'streamend noise of 3'), streams)
  }
  t.strictSame([peerOf(ada, 2).state, peerOf(bob, 1).state], ['connected', 'connected'])
  t.strictSame(heard, [1, 2])
})

t.test('a new link of a peer may carry as many controls as the first', async (t) => {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  const [ada, eve] = [room.enter(1), room.enter(3)]
  const told = () => [ada.log, eve.log]
  await until(() => times(ada, 'connect 3') === 1 && times(eve, 'connect 1') === 1, told)
  for (let round = 1; round <= 3; round++) {
    for (let i = 0; i < 400; i++) eve.membership.publish({ name: 'noise', format: 'int8' }).stop()
    await until(() => times(ada, 'streamend noise of 3') === 400 * round, told)
    const { connections } = room.fake
    connections.at(-1)?.hangUp(connections.at(-1)?.other as never)
    await until(() => times(ada, 'recovered: rebuild') === round, told)
  }
  t.equal(times(ada, 'error: rate-limited'), 0)
})
