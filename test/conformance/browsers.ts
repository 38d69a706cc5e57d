import t from 'tap'
import { browserFor } from '../fixture/server-and-browser.ts'
import { prove } from './fixture/browsers/proof.ts'

// The runtimes are tested in parallel, because each test waits for a part of its time.
t.setTimeout(600_000)
t.jobs = 3
const browsers = await Promise.all([browserFor(t), browserFor(t), browserFor(t)])
for (const runtime of ['bun', 'deno', 'node'] as const) {
  t.test(`a recording reaches other browsers through a server on ${runtime}`, { timeout: 580_000 }, (t) =>
    prove(t, runtime, browsers),
  )
}
