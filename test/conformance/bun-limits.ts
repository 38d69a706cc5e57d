import t from 'tap'
import { commands } from '../fixture/server.ts'
import { buffers } from './fixture/limits/buffers.ts'
import { draining } from './fixture/limits/draining.ts'
import { limits } from './fixture/limits/limits.ts'

t.setTimeout(600_000)
// The tests can run in parallel: each has its own server, and mostly waits.
t.jobs = 2
t.test('the server enforces and counts each limit', (t) => limits(t, commands.bun))
t.test('a server with TLS and tokens drains its clients', (t) => draining(t, commands.bun))
t.test('the server bounds what all clients together hold', (t) => buffers(t, commands.bun))
