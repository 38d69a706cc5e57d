import t from 'tap'
import { Op, serve } from '../../../mod.ts'
import { BinaryClient, JsonClient } from '../../fixture/client.ts'

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
