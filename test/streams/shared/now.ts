import t from 'tap'
import { clockStep, now } from '../../../src/streams/shared/now.ts'

t.test('now is in seconds since 1970 and does not go back', async (t) => {
  t.ok(Math.abs(now() - Date.now() / 1000) < 1)
  const readings = Array.from({ length: 1_000 }, now)
  t.strictSame(
    readings,
    readings.toSorted((one, other) => one - other),
  )
})

t.test('clockStep finds the step of a clock', async (t) => {
  for (const step of [0.001, 0.000_1]) {
    let readings = 0
    const coarse = () => 1_700_000_000 + Math.floor(readings++ / 7) * step
    t.ok(Math.abs(clockStep(coarse) - step) < 1e-6, `${step} s`)
  }
  t.equal(
    clockStep(() => 5),
    0.1,
    'a clock that stands still counts as coarse',
  )
  t.ok(clockStep() < 0.000_1)
})
