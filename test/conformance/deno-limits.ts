import t from 'tap'
import { commands } from '../fixture/server.ts'
import { draining } from './fixture/draining.ts'
import { limits } from './fixture/limits.ts'

t.setTimeout(120_000)
await t.test('limits', (t) => limits(t, commands.deno))
await t.test('draining, with TLS and tokens', (t) => draining(t, commands.deno))
