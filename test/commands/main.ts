import { readFileSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import t from 'tap'
import { importsOf } from '../../src/server/page/page-graph.ts'
import { root } from '../fixture/server.ts'

t.test('the server starts without the modules of the other commands', async (t) => {
  const loaded = new Set(['src/commands/main.ts'])
  // A set's iterator also visits elements that the loop adds.
  for (const path of loaded) {
    const code = readFileSync(`${root}${path}`, 'utf8').replace(/^(?:import|export) type[^'"]+'[^'"]+'/gm, '')
    for (const specifier of importsOf(code)) {
      if (specifier.startsWith('.')) loaded.add(posix.join(dirname(path), specifier))
    }
  }
  t.ok(loaded.has('src/server/serve.ts'))
  t.strictSame(
    [...loaded].filter((path) => /^src\/(?:streams|peer|studio)\//.test(path)),
    ['src/streams/shared/errors.ts'],
  )
})
