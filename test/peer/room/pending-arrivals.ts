import t from 'tap'
import { PendingArrivals } from '../../../src/peer/room/pending-arrivals.ts'

const arrival = (id: number, room: number) => ({ id, info: {}, room, initiator: 1, link: id })

t.test('arrivals are buffered during a join and returned once', async (t) => {
  const early = new PendingArrivals()
  early.add(arrival(1, 20))
  t.strictSame(early.take(20), [], 'no join is pending')
  await early.during(async () => {
    early.add(arrival(2, 20))
    early.add(arrival(2, 30))
    early.add(arrival(3, 20))
    early.remove(3, 30)
    early.remove(2, 30)
    t.match(early.take(20), [{ id: 2 }, { id: 3 }])
    t.strictSame(early.take(20), [])
    t.strictSame(early.take(30), [])
    early.add(arrival(4, 20))
  })
  await early.during(async () => t.strictSame(early.take(20), [], 'unclaimed arrivals are dropped'))
  await early.during(async () => {
    for (let id = 1; id < 5_000; id++) early.add(arrival(id, 20))
    t.equal(early.take(20).length, 4_096)
  })
})

t.test('signals of pending arrivals are buffered, and no others', async (t) => {
  const early = new PendingArrivals()
  await early.during(async () => {
    t.notOk(early.addSignal('offer', 2, {}), 'peer 2 is unknown')
    early.add(arrival(2, 20))
    t.ok(early.addSignal('offer', 2, { sdp: 'x' }))
    t.notOk(early.addSignal('offer', 3, {}))
    t.strictSame(early.takeSignals(), [['offer', 2, { sdp: 'x' }]])
    t.strictSame(early.takeSignals(), [])
    for (let i = 0; i < 2_000; i++) early.addSignal('candidate', 2, {})
    t.equal(early.takeSignals().length, 1_024)
    early.addSignal('candidate', 2, {})
  })
  t.strictSame(early.takeSignals(), [], 'unclaimed signals are dropped')
})
