import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { decodeFrame, Op, SUBPROTOCOL } from '../../../mod.ts'
import { commands, startServer } from '../../fixture/server.ts'
import { startPeer } from '../fixture/peer-program.ts'

t.test('a program whose session is lost while it joins joins again', async (t) => {
  // The server forgets a session whose connection is lost.
  const server = await startServer(commands.bun, ['--port', '0', '--resume-grace', '0'])
  t.teardown(() => server.stop())
  const url = await relay(t, server.signal)
  const watching = startPeer(t, 'node', ['watch', '--url', url, '--room', 'lab'])
  await watching.prints(/Connected again, from a fresh start\n.*In the room lab/s)
  watching.kill('SIGINT')
  t.match(await watching.ended, { code: 0 })
})

/** Relays WebSockets to a server. The first one breaks when its client joins a room. Returns its URL. */
async function relay(t: Test, target: string): Promise<string> {
  const relay = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => relay.close())
  let first = true
  relay.on('connection', (client) => {
    const breaks = first
    first = false
    const upstream = new WebSocket(target, SUBPROTOCOL)
    const early: RawData[] = []
    upstream.on('open', () => {
      for (const data of early.splice(0)) upstream.send(data)
    })
    upstream.on('message', (data) => client.send(data))
    upstream.on('close', () => client.terminate())
    client.on('close', () => upstream.terminate())
    client.on('message', (data: Buffer) => {
      const [op] = decodeFrame(new Uint8Array(data), Number.POSITIVE_INFINITY)
      if (breaks && op === Op.connect) client.terminate()
      else if (upstream.readyState === WebSocket.OPEN) upstream.send(data)
      else early.push(data)
    })
  })
  await once(relay, 'listening')
  return `ws://127.0.0.1:${(relay.address() as AddressInfo).port}/signal`
}
