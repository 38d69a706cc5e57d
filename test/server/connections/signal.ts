import t from 'tap'
import { encodeFrame, Op, serve, WebRTCService } from '../../../mod.ts'
import { isQuick } from '../../../src/server/connections/signal.ts'
import { BinaryClient, JsonClient } from '../../fixture/client.ts'

t.test('connections from one address have a common budget', async (t) => {
  const service = new WebRTCService({ codec: 'json', limits: { fanOutPerSecond: 1_000_000 } })
  const server = await serve({ port: 0, service, trustProxy: ['127.0.0.0/8', '::1'] })
  t.teardown(() => server.close())
  const from = (address: string) =>
    BinaryClient.open(`${server.url.replace('http', 'ws')}signal`, { 'x-forwarded-for': address })
  const clients = []
  for (const address of ['198.51.100.1', '198.51.100.2', '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1']) {
    clients.push(await from(address))
  }
  for (const client of clients) await client.request(Op.rooms, null)
  t.equal(service.counts.budgets, 4, 'one for each IPv4 address and for each /64 of IPv6')
  for (const client of clients) await client.close()
})

t.test('the time of each relayed signal is measured, and of nothing else', async (t) => {
  const server = await serve({ port: 0 })
  t.teardown(() => server.close())
  const url = `${server.url.replace('http', 'ws')}signal`
  const [ada, bob] = [await BinaryClient.open(url), await JsonClient.open(url)]
  const { uuid } = await ada.join('lab')
  await bob.request('connect', { room: { uuid } })
  t.match(await bob.request('offer', { id: ada.id, msg: 1 }), { data: null }, 'a JSON signal with a callbackId')
  bob.send({ data: { cmd: 'answer', data: { id: ada.id, msg: 2 } } })
  t.match(await bob.request('data', { id: 5, msg: 3 }), { error: { code: 'peer-not-found' } })
  ada.send([Op.candidate, bob.id, 4])
  ada.send([Op.candidate, 5, 4])
  ada.send([Op.ping, 0])
  await ada.take(([op]) => op === Op.pong)
  const text = await (await fetch(new URL('metrics', server.url))).text()
  t.match(text, /^datastreams_relays_total 3$/m)
  t.match(text, /^datastreams_relay_seconds_count 3$/m)
  for (const client of [ada, bob]) await client.close()
})

t.test('only relays and keepalives of at most 16 KiB are quick to handle', (t) => {
  t.ok(isQuick(encodeFrame([Op.offer, 7, 'sdp'])))
  t.ok(isQuick(encodeFrame([Op.data, 7, new Uint8Array(16_000)])))
  t.ok(isQuick(encodeFrame([Op.pong, 7])))
  t.notOk(isQuick(encodeFrame([Op.data, 7, new Uint8Array(17_000)])))
  t.notOk(isQuick(encodeFrame([Op.hello, 7, {}])))
  t.notOk(isQuick('{"data":{"cmd":"offer"}}'))
  t.notOk(isQuick(new Uint8Array()))
  t.notOk(isQuick(new Uint8Array([0x92, Op.offer, 0xdd, 0, 0, 0xff, 0xff])), 'an array of two is no relay')
  t.end()
})
