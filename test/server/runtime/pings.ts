import t from 'tap'
import { startPings } from '../../../src/server/runtime/pings.ts'

const INTERVAL = 60

/** A connection that answers only its first `answers` pings. */
function connection(answers: number): Promise<{ pings: number; after: number }> {
  let pings = 0
  let last = performance.now()
  return new Promise((resolve) => {
    const started = startPings(
      {
        ping() {
          if (++pings > answers) return
          last = performance.now()
          started.heard()
        },
        terminate: () => resolve({ pings, after: performance.now() - last }),
      },
      INTERVAL,
    )
  })
}

t.test('two unanswered pings end a connection', async (t) => {
  const runs = await Promise.all([0, 0, 1, 5].map(connection))
  t.same(
    runs.map(({ pings }) => pings),
    [2, 2, 3, 7],
  )
  const soonest = Math.min(...runs.map(({ after }) => after))
  t.ok(soonest >= 2 * INTERVAL, `ended after ${soonest} ms`)
})

t.test('a stopped connection receives no more pings', async (t) => {
  let pings = 0
  startPings({ ping: () => pings++, terminate: () => t.fail() }, 10).stop()
  // Meanwhile another connection receives pings. It starts later and is not stopped.
  await new Promise<void>((resolve) => {
    const other = startPings({ ping: () => {}, terminate: () => resolve(other.stop()) }, 10)
  })
  t.equal(pings, 0)
})
