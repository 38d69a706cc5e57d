import t from 'tap'
import { commands } from '../fixture/server.ts'
import { web } from './fixture/web.ts'

t.setTimeout(600_000)
for (const runtime of ['bun', 'deno', 'node'] as const) {
  t.test(`the server on ${runtime} serves only its own hosts, and only allowed pages`, (t) => web(t, commands[runtime]))
}
