import { createServer } from 'node:net'
import t from 'tap'
import { isAddressInUse, within } from '../../../src/server/runtime/port.ts'

t.ok(
  isAddressInUse(Object.assign(new Error('Failed to start server'), { code: 'EADDRINUSE' })),
  'Bun, Deno and Node throw this error',
)
for (const other of [new Error('EADDRINUSE'), { code: 'EACCES' }, null, undefined, 'AddrInUse'])
  t.notOk(isAddressInUse(other))

await t.test('the error of a port that is really in use is recognized', async (t) => {
  const first = createServer()
  await new Promise<void>((resolve) => first.listen(0, 'localhost', resolve))
  const second = createServer()
  const cause = await new Promise((resolve) => second.once('error', resolve).listen(first.address()))
  t.ok(isAddressInUse(cause))
  first.close()
})

t.equal(await within(60_000, Promise.resolve()), true)
t.equal(await within(1, new Promise(() => {})), false)
await t.rejects(within(60_000, Promise.reject(new Error('failed'))), { message: 'failed' })
