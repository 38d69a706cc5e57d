import t from 'tap'
import { commands } from '../fixture/server.ts'
import { draining } from './fixture/draining.ts'
import { limits } from './fixture/limits.ts'

t.setTimeout(600_000)
// Each has a server of its own, and waits most of the time.
t.jobs = 2
t.test('limits', (t) => limits(t, commands.deno))
t.test('draining, with TLS and tokens', (t) => draining(t, commands.deno))
