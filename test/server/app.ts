import t from 'tap'
import { createApp, serve, WebRTCService } from '../../mod.ts'
import { BinaryClient } from '../fixture/client.ts'

const iceServers = [{ urls: 'stun:stun.example.org' }]

t.test('/ice answers what the service answers, whoever made it', async (t) => {
  const ice = async (options: Parameters<typeof createApp>[0]) => (await createApp(options).request('/ice')).json()
  t.same(await ice({}), { iceServers: [] })
  t.same(await ice({ iceServers }), { iceServers })
  t.same(await ice({ service: new WebRTCService({ iceServers }) }), { iceServers })
  t.same(await ice({ service: new WebRTCService(), iceServers }), { iceServers: [] }, 'the service brings its own')
})

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
