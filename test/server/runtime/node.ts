import t from 'tap'
import { serve } from '../../../mod.ts'

t.test('a program that calls serve() keeps its own Request and Response', async (t) => {
  const { Request, Response } = globalThis
  const server = await serve({ port: 0 })
  t.teardown(() => server.close())
  t.equal((await fetch(server.url)).status, 200)
  t.equal(globalThis.Request, Request)
  t.equal(globalThis.Response, Response)
})
