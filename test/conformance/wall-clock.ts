import t from 'tap'
import { commands } from '../fixture/server.ts'
import { wallClock } from './fixture/wall-clock.ts'

t.setTimeout(600_000)
// The tests can run in parallel: each has its own server, and mostly waits.
t.jobs = 3
for (const runtime of ['bun', 'deno', 'node'] as const) {
  t.test(`a server on ${runtime} keeps its durations when its time of day moves`, { timeout: 580_000 }, (t) =>
    wallClock(t, runtime, commands[runtime]),
  )
}
