import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { createAdaptorServer } from '@hono/node-server'
import t, { type Test } from 'tap'
import { WebSocketServer } from 'ws'
import { createApp, Op, type ServeOptions, serve, WebRTCService } from '../../mod.ts'
import { BinaryClient } from '../fixture/client.ts'
import { secret, signed } from '../fixture/tokens.ts'

const iceServers = [{ urls: 'stun:stun.example.org' }]

t.test('/ice returns the ICE servers of the service, whoever created it', async (t) => {
  const ice = async (options: Parameters<typeof createApp>[0]) => (await createApp(options).request('/ice')).json()
  t.same(await ice({}), { iceServers: [] })
  t.same(await ice({ iceServers }), { iceServers })
  t.same(await ice({ service: new WebRTCService({ iceServers }) }), { iceServers })
  t.same(
    await ice({ service: new WebRTCService(), iceServers }),
    { iceServers: [] },
    'a given service has its own ICE servers',
  )
})

t.test(
  'ICE servers with credentials are in welcome on an open server, and in the answer to hello on a closed one',
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
    t.notOk('ice' in bob.welcome, 'the user is not known yet')
    const [, , answer] = await bob.request(Op.hello, { token: await signed({ sub: 'bob' }) })
    t.match((answer as { ice: object }).ice, expected(bob.id))
    const cid = await open({})
    t.notOk('ice' in cid.welcome, 'there are none without ICE servers')
    for (const client of [ada, bob, cid]) await client.close()
  },
)

t.test('an answer that depends on the origin and on the encoding names both', async (t) => {
  const origin = 'https://lab.example.org'
  const response = await createApp({ origins: [origin] }).request('/', { headers: { origin } })
  t.equal(response.headers.get('access-control-allow-origin'), origin)
  t.strictSame(response.headers.get('vary')?.split(', ').sort(), ['Accept-Encoding', 'Origin'])
})

t.test('the service sets the largest message, whoever created it', async (t) => {
  for (const options of [
    { service: new WebRTCService({ limits: { frameBytes: 300_000 } }) },
    { limits: { frameBytes: 300_000 } },
  ]) {
    const server = await serve({ ...options, port: 0 })
    t.teardown(() => server.close())
    const ada = await BinaryClient.open(`${server.url.replace('http', 'ws')}signal`)
    ada.socket.send(new Uint8Array(300_000))
    t.match(
      await ada.take(([op]) => op === 33),
      [33, 0, { code: 'bad-frame' }],
      'the message is received, and then rejected',
    )
    await ada.close()
  }
})

t.test('by default, a quarter of the memory may wait for clients', async (t) => {
  const limitOf = async (options: Parameters<typeof createApp>[0]) => {
    const text = await (await createApp(options).request('/metrics')).text()
    return Number(/^datastreams_buffered_bytes_limit (\d+)$/m.exec(text)?.[1])
  }
  const memory = Math.min(totalmem(), process.constrainedMemory() || totalmem(), getHeapStatistics().heap_size_limit)
  t.equal(await limitOf({}), Math.floor(memory / 4))
  t.equal(await limitOf({ limits: { bufferedBytes: 5_000_000 } }), 5_000_000)
})

t.test('an app in another host measures the event loop only while somebody is connected', async (t) => {
  const intervals = collectIntervals(t)
  const app = createApp()
  const server = createAdaptorServer({
    fetch: app.fetch,
    websocket: { server: new WebSocketServer({ noServer: true }) },
  })
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const metric = async (name: string): Promise<number> => {
    const text = await (await app.request('/metrics')).text()
    return Number(new RegExp(`^datastreams_${name} (\\d+)$`, 'm').exec(text)?.[1])
  }
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const ada = await BinaryClient.open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/signal`)
  while ((await metric('event_loop_lag_seconds_count')) === 0) await pause(50)
  await ada.close()
  while ((await metric('sockets')) > 0) await pause(50)
  t.strictSame(intervals, new Set(), 'nothing is measured without connections')
})

/** Collects the intervals that run, of those that are set from now to the end of the test. */
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
