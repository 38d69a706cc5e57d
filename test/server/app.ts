import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { createApp, Op, type ServeOptions, serve, WebRTCService } from '../../mod.ts'
import { BinaryClient } from '../fixture/client.ts'
import { secret, signed } from '../fixture/tokens.ts'

const iceServers = [{ urls: 'stun:stun.example.org' }]

t.test('/ice answers what the service answers, whoever made it', async (t) => {
  const ice = async (options: Parameters<typeof createApp>[0]) => (await createApp(options).request('/ice')).json()
  t.same(await ice({}), { iceServers: [] })
  t.same(await ice({ iceServers }), { iceServers })
  t.same(await ice({ service: new WebRTCService({ iceServers }) }), { iceServers })
  t.same(await ice({ service: new WebRTCService(), iceServers }), { iceServers: [] }, 'the service brings its own')
})

t.test(
  'welcome has the ICE servers on an open server, with credentials for the user; on a closed one hello’s answer',
  async (t) => {
    const turn = { urls: ['turn:turn.example.org'], secret: 'shared' }
    const expected = (id: number) => ({
      iceServers: [iceServers[0], { urls: turn.urls, username: new RegExp(`^\\d+:${id}$`), credential: /^.{28}$/ }],
      expiresIn: Number,
    })
    const open = async (options: ServeOptions) => {
      const server = await serve({ ...options, port: 0 })
      t.teardown(() => server.close())
      return BinaryClient.open(`${server.url.replace('http', 'ws')}signal`)
    }
    const ada = await open({ iceServers, turn })
    t.match(ada.welcome.ice, expected(ada.id))
    const bob = await open({ iceServers, turn, tokens: { secret } })
    t.notOk('ice' in bob.welcome, 'nobody knows yet who that is')
    const [, , answer] = await bob.request(Op.hello, { token: await signed({ sub: 'bob' }) })
    t.match((answer as { ice: object }).ice, expected(bob.id))
    const cid = await open({})
    t.notOk('ice' in cid.welcome, 'and none where there are none')
    for (const client of [ada, bob, cid]) await client.close()
  },
)

t.test('the largest message is that of the service, whoever made it', async (t) => {
  for (const options of [
    { service: new WebRTCService({ limits: { frameBytes: 300_000 } }) },
    { limits: { frameBytes: 300_000 } },
  ]) {
    const server = await serve({ ...options, port: 0 })
    t.teardown(() => server.close())
    const ada = await BinaryClient.open(`${server.url.replace('http', 'ws')}signal`)
    ada.socket.send(new Uint8Array(300_000))
    t.match(await ada.take(([op]) => op === 33), [33, 0, { code: 'bad-frame' }], 'which is taken, and then refused')
    await ada.close()
  }
})

t.test('in a host of its own an app measures the event loop for as long as somebody is connected', async (t) => {
  const intervals = collectIntervals(t)
  const app = createApp()
  const server = createAdaptorServer({
    fetch: app.fetch,
    websocket: { server: new WebSocketServer({ noServer: true }) },
  })
  t.teardown(() => server.close())
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const metric = async (name: string): Promise<number> => {
    const text = await (await app.request('/metrics')).text()
    return Number(new RegExp(`^datastreams_${name} (\\d+)$`, 'm').exec(text)?.[1])
  }
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const ada = await BinaryClient.open(`ws://localhost:${(server.address() as AddressInfo).port}/signal`)
  while ((await metric('event_loop_lag_seconds_count')) === 0) await pause(50)
  await ada.close()
  while ((await metric('sockets')) > 0) await pause(50)
  t.strictSame(intervals, new Set(), 'and no longer')
})

/** The intervals that run, of those that are set from now on until the test is over. */
function collectIntervals(t: Test): Set<unknown> {
  const running = new Set<unknown>()
  const { setInterval: set, clearInterval: clear } = globalThis
  Object.assign(globalThis, {
    setInterval(callback: () => void, ms: number) {
      const timer = set(callback, ms)
      running.add(timer)
      return timer
    },
    clearInterval(timer: NodeJS.Timeout | undefined) {
      running.delete(timer)
      clear(timer)
    },
  })
  t.teardown(() => Object.assign(globalThis, { setInterval: set, clearInterval: clear }))
  return running
}
