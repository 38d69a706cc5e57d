import t from 'tap'
import { RemoteClock } from '../../../src/streams/time/remote-clock.ts'

const estimate = (at: number, offset: number, drift = 0) => ({ at, offset, drift, roundTrip: 0.004, errorBound: 0.002 })
const near = (one: number, other: number) => Math.abs(one - other) < 1e-9

t.test('before the first estimate, the error is infinite', async (t) => {
  const clock = new RemoteClock()
  t.strictSame(clock.state(5), { offset: 0, drift: 0, roundTrip: Infinity, errorBound: Infinity })
  t.equal(clock.toOwn(17, 5), 17)
  t.equal(clock.errorBound(5), Infinity)
})

t.test('the first estimate applies at once, and its drift continues', async (t) => {
  const clock = new RemoteClock()
  clock.update(estimate(1_000, 3_600, 100e-6), 1_000)
  t.ok(near(clock.toOwn(4_600, 1_000), 1_000))
  t.ok(near(clock.state(1_010).offset, 3_600.001))
  t.ok(near(clock.toOwn(4_610.001, 1_010), 1_010))
  t.ok(near(clock.errorBound(1_000), 0.002))
  t.ok(clock.errorBound(1_060) > 0.02, 'the error of an old estimate grows')
})

t.test('a new estimate is applied gradually, so that time neither jumps nor goes back', async (t) => {
  const clock = new RemoteClock()
  clock.update(estimate(0, 1), 0)
  clock.update(estimate(2, 1.01), 2)
  t.ok(near(clock.state(2).offset, 1.01), 'the state has the newest estimate')
  t.ok(near(clock.errorBound(2), 0.012), 'the part that is not applied yet is in the error bound')
  let last = clock.toOwn(2.999, 2)
  for (let stamp = 3; stamp < 7; stamp += 0.001) {
    const own = clock.toOwn(stamp, stamp - 1)
    if (Math.abs(own - last - 0.001) > 0.000_01) t.fail(`at ${stamp}: ${own - last} s`)
    last = own
  }
  t.ok(near(clock.toOwn(7.01, 6), 6))
  t.ok(near(clock.errorBound(4), 0.003))
})

t.test('a clock that was set is followed at once', async (t) => {
  const clock = new RemoteClock()
  clock.update(estimate(0, 1), 0)
  clock.update(estimate(2, -5), 2)
  t.ok(near(clock.toOwn(-3, 2), 2))
})

t.test('timestamps of a recording keep their distances, whatever the drift is now', async (t) => {
  const clock = new RemoteClock()
  clock.update(estimate(1_700_000_000, 0.5, 200e-6), 1_700_000_000)
  const [one, other] = [1_557_936_053, 1_557_936_063].map((stamp) => clock.toOwn(stamp, 1_700_000_000)) as [
    number,
    number,
  ]
  t.ok(Math.abs(other - one - 10) < 1e-6)
  t.ok(Math.abs(one - 1_557_936_053) < 1)
  clock.update(estimate(1_700_000_002, 0.501, 300e-6), 1_700_000_002)
  const later = clock.toOwn(1_557_936_063, 1_700_000_002)
  t.ok(Math.abs(later - other) < 0.000_5, 'also while a new estimate is applied')
})
