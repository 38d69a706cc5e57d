import t from 'tap'
import { soak } from '../bench/soak/soak.ts'

// The long form is `npm run soak`: 10,000 connections in 1,000 rooms for five minutes.
t.setTimeout(600_000)

await t.test('a server keeps nothing of clients that have left', { timeout: 580_000 }, async (t) => {
  const lines: string[] = []
  const { faults, halves, left, sent, received, churned } = await soak({
    connections: 400,
    rooms: 40,
    seconds: 10,
    log: (line) => lines.push(line),
  })
  t.comment(lines.join('\n'))
  t.same([...faults], [], 'no error')
  t.ok(churned > 20, `${churned} clients were replaced`)
  t.ok(received > 0 && received <= sent, `${received} of ${sent} signals arrived`)
  t.ok(received > sent * 0.9, 'only signals to leaving clients are lost')
  const memory = halves.map(({ memory }) => memory)
  // Half a minute is too short to detect a slow leak. This detects a leak of clients that have left.
  t.ok(Math.max(...memory) < Math.min(...memory) * 1.15, `memory: ${memory.join(', ')}`)
  t.match(left, { users: 0, rooms: 0, waiting: 0, serviceTimers: 0 }, 'no map entry and no timer is left')
  t.match(left.metrics, /^datastreams_sockets 0$/m)
  t.match(left.metrics, /^datastreams_addresses 0$/m)
  t.ok(left.timers <= 1, `${left.timers} timers of connections`)
})
